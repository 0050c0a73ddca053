namespace Serverless.Benchmarks.Budgets;

/// <summary>How many bytes an operation may allocate, and what is said when it allocates more.</summary>
internal static class AllocationBudgets
{
    /// <summary>The option that makes what was measured the budgets.</summary>
    public const string AcceptOption = "--accept";

    /// <summary>What budgets leave above the measure, for pools and caches do not grow the same each time. Nothing stays nothing.</summary>
    public const double Headroom = 0.1;

    /// <summary>The budgets that these measures keep to.</summary>
    public static SortedDictionary<string, long> Accept(IReadOnlyDictionary<string, long> measured)
    {
        var budgets = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, bytes) in measured)
            budgets[name] = (long)Math.Ceiling(bytes * (1 + Headroom));
        return budgets;
    }

    /// <summary>What is wrong with these measures, in words.</summary>
    public static IEnumerable<string> Judge(IReadOnlyDictionary<string, long> measured, IReadOnlyDictionary<string, long> budgets)
    {
        foreach (var (name, bytes) in measured)
            if (!budgets.TryGetValue(name, out var budget))
                yield return $"{name} has no budget and allocates {bytes} bytes. Add one with: budgets {AcceptOption}";
            else if (bytes > budget)
                yield return $"{name} allocates {bytes} bytes; its budget is {budget}. Allocate less, or, if it must be so, take it with: budgets {AcceptOption}";
    }
}
