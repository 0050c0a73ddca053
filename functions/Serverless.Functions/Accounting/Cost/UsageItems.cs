using Serverless.Functions.Buffering;

namespace Serverless.Functions.Accounting.Cost;

/// <summary>Makes items of what was counted.</summary>
internal static class UsageItems
{
    private const double MillisecondsPerSecond = 1_000;
    private const double MegabytesPerGigabyte = 1_024;

    // Each of their executions has the host write a checkpoint.
    private static readonly string[] Triggered = ["assemble", "finalize"];

    /// <summary>All but what is stored.</summary>
    /// <param name="prices">The prices.</param>
    /// <param name="spanUnits">The billed events of hub <c>spans</c>.</param>
    /// <param name="work">What processes worked.</param>
    /// <param name="instanceMegabytes">The memory of an instance.</param>
    public static IEnumerable<CostItem> Of(PriceTable prices, long spanUnits, IReadOnlyDictionary<WorkKey, long> work, int instanceMegabytes)
    {
        yield return new CostItem("hub_events_spans", spanUnits, prices[PriceTable.HubEvent], IsByBytes: true);
        foreach (var hub in (string[])[FinalizeHub.Name, AnalyticsHub.Name])
            yield return new CostItem("hub_events_" + hub, work.GetValueOrDefault(new WorkKey(WorkCounts.HubUnits, hub)), prices[PriceTable.HubEvent], IsByBytes: false);
        foreach (var operation in (string[])["read", "list", "write", "delete"])
            yield return Table(operation, PriceTable.TablePrefix + operation);
        yield return Table("table", PriceTable.TableManagement);
        yield return new CostItem("checkpoints", Triggered.Sum(function => work.GetValueOrDefault(new WorkKey(WorkCounts.Executions, function))), prices[PriceTable.BlobWrite], IsByBytes: false);
        yield return new CostItem("executions", Sum(WorkCounts.Executions), prices[PriceTable.Execution], IsByBytes: false);
        yield return new CostItem(
            "gb_seconds", Sum(WorkCounts.ExecutionMilliseconds) / MillisecondsPerSecond * instanceMegabytes / MegabytesPerGigabyte, prices[PriceTable.GigabyteSecond], IsByBytes: false);

        CostItem Table(string operation, string price) =>
            new(price, work.GetValueOrDefault(new WorkKey(WorkCounts.Transactions, operation)), prices[price], IsByBytes: false);

        long Sum(string measure) => work.Where(count => count.Key.Measure == measure).Sum(count => count.Value);
    }
}
