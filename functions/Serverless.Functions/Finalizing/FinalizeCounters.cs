using System.Diagnostics.Metrics;
using Serverless.Functions.Accounting;

namespace Serverless.Functions.Finalizing;

/// <summary>Counts what planner and finalizer do, as instruments of the meter <c>Serverless</c>.</summary>
public sealed class FinalizeCounters : IDisposable
{
    private readonly Meter _meter = new(SpanCounters.MeterName);
    private readonly Counter<long> _planned;
    private readonly Counter<long> _traces;
    private readonly Counter<long> _spans;
    private readonly Counter<long> _exported;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _items;
    private readonly Counter<long> _conflicts;
    private readonly Counter<long> _transactions;
    private readonly Counter<long> _breaks;
    private readonly Counter<long> _merged;
    private readonly Counter<long> _deleted;

    /// <summary>Makes the instruments.</summary>
    public FinalizeCounters()
    {
        _planned = _meter.CreateCounter<long>("serverless.traces.planned", "{trace}", "Quiet traces that were sent to be finalized; those that are sent again count again.");
        _traces = _meter.CreateCounter<long>("serverless.traces.finalized", "{trace}", "Traces finalized, each version.");
        _spans = _meter.CreateCounter<long>("serverless.spans.finalized", "{span}", "Reports of spans that were finalized for the first time; repeated work counts again.");
        _exported = _meter.CreateCounter<long>("serverless.spans.exported", "{span}", "Spans sent to hub analytics, each version.");
        _skipped = _meter.CreateCounter<long>("serverless.traces.skipped", "{trace}", "Traces that were not finalized, by reason.");
        _items = _meter.CreateCounter<long>("serverless.finalize.items", "{item}", "Items of work that the finalizer completed.");
        _conflicts = _meter.CreateCounter<long>("serverless.finalize.conflicts", "{item}", "Items that were begun anew because another instance wrote.");
        _transactions = _meter.CreateCounter<long>("serverless.finalize.transactions", "{transaction}", "Table transactions of the finalizer.");
        _breaks = _meter.CreateCounter<long>("serverless.propagation.breaks", "{break}", "Breaks of propagation found between traces; those that are found again count again.");
        _merged = _meter.CreateCounter<long>("serverless.aggregates.rows_merged", "{row}", "Rows of aggregates that were merged into others.");
        _deleted = _meter.CreateCounter<long>("serverless.aggregates.rows_deleted", "{row}", "Rows of aggregates deleted after they were merged.");
    }

    /// <summary>Traces were sent to be finalized.</summary>
    public void TracesPlanned(long traces) => _planned.Add(traces);

    /// <summary>An item of work is complete.</summary>
    public void ItemCompleted(long traces, long reports, long exported, long transactions)
    {
        _items.Add(1);
        _traces.Add(traces);
        _spans.Add(reports);
        _exported.Add(exported);
        _transactions.Add(transactions);
    }

    /// <summary>A trace was not finalized.</summary>
    public void TraceSkipped(string reason) => _skipped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>An item was begun anew.</summary>
    public void Conflict() => _conflicts.Add(1);

    /// <summary>Breaks were found.</summary>
    public void BreaksFound(long breaks) => _breaks.Add(breaks);

    /// <summary>Rows of aggregates were merged into others.</summary>
    public void AggregatesMerged(long rows) => _merged.Add(rows);

    /// <summary>Rows of aggregates were deleted that had been merged.</summary>
    public void AggregatesDeleted(long rows) => _deleted.Add(rows);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
