using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Serverless.Benchmarks.Budgets;

/// <summary>
/// Compares what every benchmark allocates per operation with budgets.json, {"Class.Method(parameters)": most bytes}. What it says is for
/// CI: every benchmark that is over, or has no budget, by name.
/// </summary>
internal static class BudgetsCommand
{
    private const string FileName = "budgets.json";

    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Runs the command; the exit code is 1 when a benchmark is over its budget, has none, or fails.</summary>
    public static int Run(string[] arguments)
    {
        if (arguments.Except([AllocationBudgets.AcceptOption]).FirstOrDefault() is { } unknown)
        {
            Console.Error.WriteLine($"{unknown} is not an option of budgets; it knows only {AllocationBudgets.AcceptOption}, which writes what was measured to {FileName}.");
            return 2;
        }

        var file = Path.Combine(ProjectFolder(), FileName);
        var variants = BenchmarkVariant.FindAll(Assembly.GetExecutingAssembly());
        var (measured, failures) = Measure(variants);
        if (arguments.Contains(AllocationBudgets.AcceptOption))
        {
            var accepted = AllocationBudgets.Accept(measured);
            File.WriteAllText(file, JsonSerializer.Serialize(accepted, JsonOptions) + "\n");
            Console.WriteLine($"Wrote {accepted.Count} budgets, {AllocationBudgets.Headroom:P0} above what was measured.");
        }
        else
        {
            var budgets = JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(file)) ?? [];
            failures.AddRange(AllocationBudgets.Judge(measured, budgets));
            foreach (var name in budgets.Keys.Except(variants.Select(variant => variant.Name)))
                Console.WriteLine($"{name} has a budget, but no such benchmark exists.");
        }

        foreach (var failure in failures)
            Console.Error.WriteLine(failure);
        return failures.Count == 0 ? 0 : 1;
    }

    private static (SortedDictionary<string, long> Measured, List<string> Failures) Measure(IReadOnlyList<BenchmarkVariant> variants)
    {
        var measured = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var failures = new List<string>();
        foreach (var variant in variants)
        {
            try
            {
                measured[variant.Name] = variant.Run(AllocationMeter.Measure);
                Console.WriteLine($"{measured[variant.Name],12:N0} bytes  {variant.Name}");
            }
            catch (Exception e)
            {
                failures.Add($"{variant.Name} failed: {e.Message}");
            }
        }

        return (measured, failures);
    }

    /// <summary>The folder of the project's sources, above the folder of its output.</summary>
    private static string ProjectFolder()
    {
        var project = Assembly.GetExecutingAssembly().GetName().Name + ".csproj";
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, project)))
                return folder;
        throw new InvalidOperationException($"{project} is not above {AppContext.BaseDirectory}: run this from the sources.");
    }
}
