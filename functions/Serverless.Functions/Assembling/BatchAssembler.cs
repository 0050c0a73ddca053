using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Accounting;
using Serverless.Functions.Storage;
using Serverless.Functions.Telemetry;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Assembling;

/// <summary>
/// Writes what a batch of events brings: trace rows, then search blocks and names, and at last the receipt that proves it.
/// Every write is idempotent, so a batch may come again.
/// </summary>
public sealed class BatchAssembler(
    TableStorage storage, DayTables tables, TracingSettings settings, SpanCounters counters, TimeProvider clock, ILogger<BatchAssembler> logger)
{
    private const int LargestGroupBytes = 8 << 20;
    private const int LargestGroupFrames = 50_000;

    // A section takes less than half a megabyte, and all of a group's share a row.
    private const int LargestGroupSectionBytes = 256 << 10;

    // Enough to overlap the waiting for a remote service; the rows of one batch lie in many partitions.
    private const int ConcurrentWrites = 16;

    private readonly EndlessRetry _retry = new(clock, logger, _ => counters.Work.Add(WorkCounts.BatchFailures, "assemble"));
    private readonly NameRegistry _names = new(storage, tables, counters);
    private readonly Quarantine _quarantine = new(storage, tables);
    private readonly IReadOnlyList<string> _valueKeys = AutocompleteKeys.Of(settings).Listed;
    private readonly ConcurrentBag<AssemblyGroup> _pool = [];

    /// <summary>Writes a batch; returns when everything of it is stored.</summary>
    /// <param name="partition">The partition of the hub.</param>
    /// <param name="events">Its events, in order.</param>
    /// <param name="cancellation">Ends the retrying when the host stops; the batch then comes again.</param>
    public async Task AssembleAsync(string partition, IReadOnlyList<BufferedEvent> events, CancellationToken cancellation)
    {
        using var span = OwnSpans.Start("assemble");
        if (!_pool.TryTake(out var group))
            group = new AssemblyGroup(_valueKeys);
        try
        {
            group.Begin(partition, clock.GetUtcNow());
            foreach (var buffered in events)
            {
                // A batch belongs to one minute, and it is the same whenever its events are delivered.
                if (group.EventCount > 0 && group.Minute != Receipt.MinuteOf(buffered.EnqueuedAt))
                {
                    await WriteAsync(group, cancellation);
                    group.Begin(partition, clock.GetUtcNow());
                }

                await AddAsync(group, buffered, cancellation);
                if (group.Bytes.Length >= LargestGroupBytes || group.FrameCount >= LargestGroupFrames || group.SectionBytes >= LargestGroupSectionBytes)
                {
                    await WriteAsync(group, cancellation);
                    group.Begin(partition, clock.GetUtcNow());
                }
            }

            if (group.EventCount > 0)
                await WriteAsync(group, cancellation);
        }
        finally
        {
            _pool.Add(group);
        }
    }

    private async Task AddAsync(AssemblyGroup group, BufferedEvent buffered, CancellationToken cancellation)
    {
        try
        {
            group.Add(buffered);
        }
        catch (FrameFormatException e)
        {
            logger.LogError(e, "Event {Sequence} of partition {Partition} goes to quarantine: {Reason}", buffered.SequenceNumber, group.Partition, e.Message);
            var (spans, section) = group.AddQuarantined(buffered);
            await _retry.RunAsync(
                token => _quarantine.AddAsync(group.Partition, buffered, e.Message, spans, section, clock.GetUtcNow(), token), cancellation);
            counters.EventQuarantined();
        }
    }

    private async Task WriteAsync(AssemblyGroup group, CancellationToken cancellation)
    {
        var traces = new List<ulong>();
        var shards = group.BuildTraceRows(traces);
        var table = tables.Today(DayTables.Spans);
        var transactions = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = ConcurrentWrites, CancellationToken = cancellation };
        await Parallel.ForEachAsync(shards, options, async (shard, token) =>
        {
            var key = RowKeys.Shard(shard.Shard);
            Interlocked.Add(ref transactions, await _retry.RunAsync(t => storage.WriteAsync(table, key, shard.Rows, t), token));
        });

        var partitionKey = RowKeys.Partition(group.Partition);
        if (settings.SearchEnabled)
            transactions += await WriteSearchAsync(group, partitionKey, cancellation);
        if (group.Samples.Count > 0)
            transactions += await _retry.RunAsync(token => WriteSamplesAsync(group.Samples, token), cancellation);
        var now = clock.GetUtcNow();
        var receipt = new Receipt(group.Batch, group.SpanCount, group.QuarantinedCount, now, traces, group.Minute);
        // In one transaction: there is never the one without the other.
        StoredRow[] proof = [receipt.ToRow(), group.BuildLedgerRow(now)];
        transactions += await _retry.RunAsync(
            token => storage.WriteAsync(tables.Today(DayTables.Receipts), partitionKey, proof, token), cancellation);
        counters.SpansStored(group.SpanCount, transactions);
        counters.Work.Add(WorkCounts.Batches, "assemble");
    }

    private async Task<int> WriteSearchAsync(AssemblyGroup group, string partitionKey, CancellationToken cancellation)
    {
        var rows = group.BuildSearchRows();
        var seen = group.Names;
        return await _retry.RunAsync(token => storage.WriteAsync(tables.Today(DayTables.Search), partitionKey, rows, token), cancellation)
            + await _retry.RunAsync(
                token => _names.WriteAsync(seen.Operations, seen.RemoteServices, seen.TagKeys, seen.TagValues, token), cancellation);
    }

    private Task<int> WriteSamplesAsync(IReadOnlyList<LedgerSample> samples, CancellationToken cancellation)
    {
        var rows = samples.DistinctBy(sample => sample.Id).Select(sample => new StoredRow(RefusedRows.Key(sample.Id), LedgerSectionWriter.Write(sample)));
        return storage.WriteAsync(tables.Today(DayTables.Refused), RefusedRows.Partition, [.. rows], cancellation);
    }
}
