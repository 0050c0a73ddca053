using System.Diagnostics.Metrics;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;

namespace Serverless.Functions.Accounting;

/// <summary>Counts what becomes of spans, as instruments of the meter <c>Serverless</c>. Nothing is dropped uncounted.</summary>
public sealed class SpanCounters : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Serverless";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _truncated;
    private readonly Counter<long> _suspectClocks;
    private readonly Counter<long> _refusedRequests;
    private readonly Counter<long> _assembled;
    private readonly Counter<long> _quarantined;
    private readonly Counter<long> _transactions;
    private readonly Counter<long> _namesOverLimit;
    private readonly Counter<long> _jaegerBatches;
    private readonly UpDownCounter<long> _jaegerBatchesMissing;
    private readonly Counter<long> _jaegerSpansDropped;
    private readonly Counter<long> _blocksMerged;
    private readonly Counter<long> _mergedRows;
    private readonly Counter<long> _mergedRowsDeleted;
    private readonly Counter<long> _mergeTransactions;

    /// <summary>What is worked, for the ledger.</summary>
    public WorkCounts Work { get; } = new();

    /// <summary>Makes the instruments.</summary>
    public SpanCounters()
    {
        _accepted = _meter.CreateCounter<long>("serverless.spans.accepted", "{span}", "Spans that the hub has durably.");
        _rejected = _meter.CreateCounter<long>("serverless.spans.refused", "{span}", "Spans refused within requests that were accepted, by reason.");
        _truncated = _meter.CreateCounter<long>("serverless.spans.truncated", "{span}", "Accepted spans of which something over a limit was cut.");
        _suspectClocks = _meter.CreateCounter<long>(
            "serverless.spans.clock_suspect", "{span}", "Accepted spans that begin before 1971 or more than a day ahead.");
        _refusedRequests = _meter.CreateCounter<long>("serverless.requests.refused", "{request}", "Requests refused whole, by reason.");
        _assembled = _meter.CreateCounter<long>("serverless.spans.stored", "{span}", "Spans written to the tables; replays count again.");
        _quarantined = _meter.CreateCounter<long>("serverless.events.quarantined", "{event}", "Events that could not be decoded and were set aside.");
        _transactions = _meter.CreateCounter<long>("serverless.table.transactions", "{transaction}", "Table transactions of the assembler.");
        _namesOverLimit = _meter.CreateCounter<long>("serverless.names.over_limit", "{name}", "Names not listed because their service has too many.");
        _jaegerBatches = _meter.CreateCounter<long>("serverless.jaeger.client.batches.received", "{batch}", "Batches of Jaeger clients that number them.");
        _jaegerBatchesMissing = _meter.CreateUpDownCounter<long>(
            "serverless.jaeger.client.batches.missing", "{batch}", "Batches of Jaeger clients whose numbers were left out; one that comes late is taken off.");
        _jaegerSpansDropped = _meter.CreateCounter<long>(
            "serverless.jaeger.client.spans.dropped", "{span}", "Spans that Jaeger clients say they dropped, by cause.");
        _blocksMerged = _meter.CreateCounter<long>("serverless.search.blocks_merged", "{row}", "Search blocks of closed hours that were merged into others.");
        _mergedRows = _meter.CreateCounter<long>("serverless.search.merged_rows", "{row}", "Search blocks that were made by merging.");
        _mergedRowsDeleted = _meter.CreateCounter<long>("serverless.search.rows_deleted", "{row}", "Search blocks deleted after they were merged.");
        _mergeTransactions = _meter.CreateCounter<long>("serverless.search.merge_transactions", "{transaction}", "Table transactions of the merging.");
    }

    /// <summary>A request's spans are in the hub.</summary>
    /// <param name="protocol">How they came.</param>
    /// <param name="result">What became of them.</param>
    /// <param name="suspectClocks">How many of them begin at an unlikely time.</param>
    public void SpansAccepted(SpanProtocol protocol, in DecodeResult result, int suspectClocks)
    {
        var tag = Tag(protocol);
        _accepted.Add(result.Accepted, tag);
        if (result.Rejected > 0)
            _rejected.Add(result.Rejected, tag, new("reason", LedgerWords.Of(LedgerReason.InvalidSpan)));
        if (result.Truncated > 0)
            _truncated.Add(result.Truncated, tag);
        if (suspectClocks > 0)
            _suspectClocks.Add(suspectClocks, tag);
    }

    /// <summary>A request was refused whole.</summary>
    public void RequestRefused(SpanProtocol protocol, LedgerReason reason) =>
        _refusedRequests.Add(1, Tag(protocol), new("reason", LedgerWords.Of(reason)));

    /// <summary>Spans were written to the tables, with that many transactions.</summary>
    public void SpansStored(long spans, long transactions)
    {
        _assembled.Add(spans);
        _transactions.Add(transactions);
    }

    /// <summary>An event was set aside.</summary>
    public void EventQuarantined() => _quarantined.Add(1);

    /// <summary>Names were not listed because their service has too many.</summary>
    public void NamesOverLimit(long names) => _namesOverLimit.Add(names);

    /// <summary>A numbered batch of a Jaeger client arrived.</summary>
    public void JaegerBatchReceived() => _jaegerBatches.Add(1);

    /// <summary>Numbers of a Jaeger client's batches were left out; negative where one came late.</summary>
    public void JaegerBatchesMissing(long batches) => _jaegerBatchesMissing.Add(batches);

    /// <summary>A Jaeger client says that it dropped spans.</summary>
    public void JaegerSpansDropped(string cause, long spans)
    {
        if (spans > 0)
            _jaegerSpansDropped.Add(spans, new KeyValuePair<string, object?>("cause", cause));
    }

    /// <summary>Whether an instrument is one of these and not of another app in the process.</summary>
    internal bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    /// <summary>Search blocks were merged into fewer rows.</summary>
    public void SearchBlocksMerged(long blocks, long rows, long transactions)
    {
        _blocksMerged.Add(blocks);
        _mergedRows.Add(rows);
        _mergeTransactions.Add(transactions);
    }

    /// <summary>Search blocks that had been merged were deleted.</summary>
    public void MergedBlocksDeleted(long rows, long transactions)
    {
        _mergedRowsDeleted.Add(rows);
        _mergeTransactions.Add(transactions);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(SpanProtocol protocol) => new("protocol", protocol switch
    {
        SpanProtocol.Otlp => "otlp",
        SpanProtocol.Zipkin => "zipkin",
        _ => "jaeger",
    });
}
