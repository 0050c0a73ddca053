using Serverless.Functions.Accounting.Cost;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>What <c>/metrics</c> is made of, all of it as the tables and the hub have it.</summary>
/// <param name="Ledger">What became of spans since the beginning.</param>
/// <param name="Work">What processes worked since the beginning.</param>
/// <param name="Lags">How far the assembler is behind.</param>
internal sealed record MetricsSnapshot(LedgerTotals Ledger, WorkTotals Work, IReadOnlyList<HubLag> Lags)
{
    private static readonly string[] IngestFunctions = ["otlp-traces", "jaeger-spans", "zipkin-v2-spans", "zipkin-v1-spans"];

    /// <summary>The age of the oldest stored span that is not handed to analytics; null where nothing is exported.</summary>
    public double? ExportSeconds { get; init; }

    /// <summary>Stored spans of the last hour that should be finalized and are not.</summary>
    public long NotFinalized { get; init; }

    /// <summary>The prices.</summary>
    public required PriceTable Prices { get; init; }

    /// <summary>The memory of an instance.</summary>
    public int InstanceMegabytes { get; init; }

    /// <summary>The counts of a stage.</summary>
    public IEnumerable<KeyValuePair<LedgerKey, long>> Of(LedgerStage stage) => Ledger.Counts.Where(count => count.Key.Stage == stage);

    /// <summary>
    /// Requests with spans that came. The ledger knows those whose spans are in one event at once, and all that were refused; how often the functions were executed, of all, is written later.
    /// </summary>
    public long Requests => Math.Max(
        Ledger.Counts.Sum(LedgerStage.Requests) + Ledger.Counts.Sum(LedgerStage.RefusedRequests),
        IngestFunctions.Sum(function => Work.Counts.GetValueOrDefault(new WorkKey(WorkCounts.Executions, function))));

    /// <summary>What queries there were, by function and status: how many lie in each bucket, and how many seconds they took.</summary>
    public IEnumerable<(string Function, string Status, long[] Counts, double Seconds)> Queries() => Work.Of(WorkCounts.Queries)
        .Select(count => (Label: QueryMeter.Read(count.Label), count.Count))
        .Where(count => QueryMeter.Functions.ContainsKey(count.Label.Function))
        .GroupBy(count => (count.Label.Function, count.Label.Status))
        .Select(group =>
        {
            var counts = new long[QueryMeter.BoundsSeconds.Length + 1];
            foreach (var (label, count) in group)
                counts[label.Bucket] += count;
            var microseconds = Work.Counts.GetValueOrDefault(new WorkKey(WorkCounts.QueryMicroseconds, $"{group.Key.Function}|{group.Key.Status}"));
            return (group.Key.Function, group.Key.Status, counts, microseconds / 1e6);
        });
}
