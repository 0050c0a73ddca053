using Microsoft.Extensions.Logging;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Protocols.Analytics;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// One attempt at an item. What it reads and finds out leaves in this order: spans for analytics (any number of times; the version tells), aggregates (taken
/// back by the next attempt, where this one does not get to its end), fragments and verdicts (repeatable), at last the summaries, each on condition that
/// it is still as it was read. A summary names the item that wrote it and what was known before, so that the next attempt arrives at the same.
/// </summary>
internal sealed class ItemAttempt(
    FinalizeItemId id, FinalizeItem item, DateOnly day, IReadOnlyList<DateOnly> earlierDays, TableStorage storage, TraceReader reader, AnalyticsHub analytics,
    FinalizeTools tools, FragmentCollector fragments, ItemLedger ledger, TracingSettings settings, EndlessRetry retry, FinalizeCounters counters, TimeProvider clock, ILogger logger)
{
    private const int ConcurrentWrites = 16;

    // About 60 kB: events are paid for by 64 kB, and larger buffers than 85 kB are garbage that is collected late.
    private const int LinesPerEvent = 320;

    private const int MostSending = 8;

    private readonly ItemAggregates _aggregates = new(storage, retry, DayTables.Name(DayTables.Aggregates, day), id, tools.Aggregates);
    private readonly TraceJudgement _judgement = new(reader, tools.Decoder, settings, clock, id, day, earlierDays);
    private readonly Queue<Task> _sending = new(MostSending);
    private readonly VerdictCollector _verdicts = new();
    private readonly Dictionary<int, List<RowWrite>> _summaries = [];
    private readonly string _partitionKey = RowKeys.Partition(id.Partition);
    private long _traces;
    private long _reports;
    private long _exported;
    private long _linesSent = tools.Packer.Lines;
    private int _transactions;
    private int _eventsSent;

    /// <summary>How many events the hub <c>analytics</c> took.</summary>
    public int EventsSent => _eventsSent;

    /// <summary>Does all of the item but the progress.</summary>
    /// <param name="claim">Called before what an earlier attempt left is taken back.</param>
    /// <param name="cancellation">Ends it when the host stops.</param>
    /// <exception cref="StorageConflictException">Another instance is at it, or at one of its traces: begin anew.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> claim, CancellationToken cancellation)
    {
        try
        {
            await RunCoreAsync(claim, cancellation);
        }
        finally
        {
            // Where the attempt failed; what is still on its way may arrive.
            while (_sending.TryDequeue(out var sending))
                await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunCoreAsync(Func<CancellationToken, Task> claim, CancellationToken cancellation)
    {
        await _aggregates.UndoAsync(claim, cancellation);
        var traces = item.Traces.Distinct().ToArray();
        var breaks = item.Breaks.SelectMany(found => new[] { (found.Received.TraceId.Low, found), (found.Opened.TraceId.Low, found) }).ToLookup(x => x.Low, x => x.found);
        var queue = new TraceQueue(traces, low => retry.RunAsync(token => _judgement.ReadAsync(low, token), cancellation));
        while (await queue.NextAsync() is var (low, rows))
            await FinalizeAsync(low, rows, [.. breaks[low]], cancellation);

        tools.Packer.Finish();
        await SendAsync(cancellation);
        while (_sending.TryDequeue(out var sending))
            await sending;
        await _aggregates.WriteAsync(ledger.ToRows(id.Sequence), cancellation);
        await WriteAsync(DayTables.Fragments, fragments.ToRows(id, clock.GetUtcNow()), cancellation);
        await WriteAsync(DayTables.Verdicts, _verdicts.ToRows(id), cancellation);
        await WriteSummariesAsync(cancellation);
        counters.ItemCompleted(_traces, _reports, _exported, _transactions + _aggregates.Transactions);
    }

    private async Task FinalizeAsync(ulong low, StoredTraceRows rows, IReadOnlyList<PropagationBreak> breaks, CancellationToken cancellation)
    {
        FinalizedTrace? trace;
        try
        {
            trace = await retry.RunAsync(token => _judgement.FinalizeAsync(low, rows, breaks, token), cancellation);
        }
        catch (TraceSkippedException e)
        {
            Skip(low, e.Reason, e);
            return;
        }
        catch (FormatException e)
        {
            Skip(low, "damaged", e);
            return;
        }
        catch (Exception e) when (e is not (OperationCanceledException or StorageException or StorageConflictException))
        {
            // A trace that shows a defect must not keep all others of its partition waiting for ever.
            Skip(low, "failed", e);
            return;
        }

        if (trace is not null)
            await TakeAsync(trace, cancellation);
    }

    private async Task TakeAsync(FinalizedTrace trace, CancellationToken cancellation)
    {
        if (trace.Now is not null)
            tools.Aggregates.Add(trace.Now, 1);
        if (trace.Before is not null)
            tools.Aggregates.Add(trace.Before, -1);
        foreach (var row in trace.Added)
        {
            _aggregates.Count(row.Row.Batch, row.Spans.Count);
            _reports += row.Spans.Count;
        }

        await ledger.AddAsync(trace, settings.ExportsAnalytics, cancellation);
        foreach (var assembled in trace.Traces)
        {
            _verdicts.Add(assembled);
            if (trace.Added.Count > 0)
                fragments.Add(assembled.Propagation);
            if (settings.ExportsAnalytics)
            {
                tools.Packer.Add(assembled, trace.Summary.Version);
                _exported += assembled.Summary.SpanCount;
            }
        }

        var shard = Shards.Of(trace.Low);
        if (!_summaries.TryGetValue(shard, out var summaries))
            _summaries.Add(shard, summaries = []);
        summaries.Add(trace.ToWrite());
        _traces++;
        if (tools.Packer.Lines - _linesSent >= LinesPerEvent)
        {
            tools.Packer.Finish();
            _linesSent = tools.Packer.Lines;
        }

        await SendAsync(cancellation);
        if (tools.Aggregates.IsFull)
            await _aggregates.WriteAsync([], cancellation);
    }

    private async Task SendAsync(CancellationToken cancellation)
    {
        while (tools.Packer.TryTake(out var full))
        {
            if (_sending.Count == MostSending)
                await _sending.Dequeue();
            _sending.Enqueue(SendAsync(full, cancellation));
        }
    }

    private async Task SendAsync(AnalyticsEvent full, CancellationToken cancellation)
    {
        using (full)
        {
            var partitions = await retry.RunAsync(token => analytics.PartitionIdsAsync(token).AsTask(), cancellation);
            // Any partition will do; that of the item's number spreads them.
            var partition = partitions[(int)((ulong)id.Sequence % (ulong)partitions.Count)];
            if (!await retry.RunAsync(token => analytics.TrySendAsync(partition, full.Bytes, token), cancellation))
                logger.LogError("An event of {Lines} lines ({Bytes} bytes) is larger than hub {Hub} takes, and is left out", full.Lines, full.Bytes.Length, AnalyticsHub.Name);
            else
                Interlocked.Increment(ref _eventsSent);
        }
    }

    private async Task WriteAsync(string kind, List<StoredRow> rows, CancellationToken cancellation)
    {
        if (rows.Count > 0)
            _transactions += await retry.RunAsync(token => storage.WriteAsync(DayTables.Name(kind, day), _partitionKey, rows, token), cancellation);
    }

    private async Task WriteSummariesAsync(CancellationToken cancellation)
    {
        var table = DayTables.Name(DayTables.Spans, day);
        var transactions = _summaries.SelectMany(shard => Transactions(shard.Value).Select(writes => (shard.Key, Writes: writes)));
        var options = new ParallelOptions { MaxDegreeOfParallelism = ConcurrentWrites, CancellationToken = cancellation };
        await Parallel.ForEachAsync(transactions, options, async (transaction, token) =>
        {
            await retry.RunAsync(t => storage.WriteTogetherAsync(table, RowKeys.Shard(transaction.Key), transaction.Writes, t), token);
            Interlocked.Increment(ref _transactions);
        });
    }

    private static IEnumerable<List<RowWrite>> Transactions(List<RowWrite> writes)
    {
        var some = new List<RowWrite>();
        var bytes = 0;
        foreach (var write in writes)
        {
            if (some.Count == TableStorage.MaxOperations || (some.Count > 0 && bytes + write.Data.Length > TableStorage.MaxTransactionBytes))
            {
                yield return some;
                some = [];
                bytes = 0;
            }

            some.Add(write);
            bytes += write.Data.Length;
        }

        yield return some;
    }

    private void Skip(ulong low, string reason, Exception e)
    {
        logger.LogError(e, "Trace {Trace:x16} is not finalized: {Reason}", low, e.Message);
        counters.TraceSkipped(reason);
    }
}
