namespace Serverless.Functions.Accounting.Cost;

/// <summary>What a time cost.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Its end.</param>
/// <param name="Spans">How many spans were accepted in it.</param>
/// <param name="Items">What was used for them.</param>
/// <param name="Services">The same, by service; the dearest first.</param>
public sealed record CostReport(
    DateTimeOffset From, DateTimeOffset To, long Spans, IReadOnlyList<CostItem> Items, IReadOnlyList<ServiceCost> Services)
{
    /// <summary>What price lists take for a month.</summary>
    public const double HoursPerMonth = 730;

    private const double Million = 1e6;

    /// <summary>Bytes that were written to the tables of days, as they are billed, by kind of table.</summary>
    public IReadOnlyDictionary<string, long> StoredBytes { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>How many months a byte is kept, on average.</summary>
    public double MonthsKept { get; init; }

    /// <summary>What there is whether it is used or not: throughput units, by the hour.</summary>
    public required CostItem Fixed { get; init; }

    /// <summary>What all items cost.</summary>
    public double Cost => Items.Sum(item => item.Cost);

    /// <summary>A cost of this time for a million spans; null where there were none.</summary>
    public double? PerMillion(double cost) => Spans == 0 ? null : cost / Spans * Million;
}
