using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;

namespace Serverless.Functions.Accounting;

/// <summary>Reads what the ledger was told of batches that are in no closed minute yet.</summary>
internal sealed class OpenLedger(TableStorage storage, DayTables tables, SpanHub hub)
{
    private const int PageRows = 200;
    private const int MostRows = 3_000;

    // A batch that begins before an event and covers it begins no earlier.
    private const long LongestBatch = 4_096;

    /// <summary>Reads all partitions.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task<IReadOnlyList<OpenPartition>> ReadAsync(CancellationToken cancellation)
    {
        var days = (await tables.DaysAsync(DayTables.Receipts, cancellation)).Reverse().ToArray();
        var read = new List<(string Partition, LedgerCursor Cursor, List<LedgerRow> Rows, bool IsComplete)>();
        foreach (var partition in await hub.PartitionIdsAsync(cancellation))
        {
            var cursor = await CursorAsync(partition, cancellation);
            var (rows, isComplete) = await RowsAsync(partition, cursor, days, cancellation);
            read.Add((partition, cursor, rows, isComplete));
        }

        // Where an event was sent again, by the sender here or by the hub's own client, the hub may have it several times, in whatever partitions: one of them counts.
        var counted = new Dictionary<ulong, (int Attempt, int Partition, long Sequence)>();
        for (var i = 0; i < read.Count; i++)
        {
            foreach (var e in read[i].Rows.SelectMany(row => row.Events))
            {
                if (e.Id != 0 && (!counted.TryGetValue(e.Id, out var first) || (e.Attempt, i, e.Sequence).CompareTo(first) < 0))
                    counted[e.Id] = (e.Attempt, i, e.Sequence);
            }
        }

        var all = new List<OpenPartition>();
        for (var i = 0; i < read.Count; i++)
        {
            var (partition, cursor, rows, isComplete) = read[i];
            var index = i;
            var known = cursor.Recent.SelectMany(minute => minute.Batches).ToHashSet();
            var start = cursor.Next >= 0 ? cursor.Next : await BeginAsync(partition, rows, days, cancellation);
            var minutes = new PartitionMinutes(
                partition, start, cursor.ClosedUntil,
                e => e.Attempt == EventEnvelope.Requeued || (counted.TryGetValue(e.Id, out var first) && first != (e.Attempt, index, e.Sequence)));
            minutes.Know(cursor.Recent.SelectMany(minute => minute.Holes));
            foreach (var row in rows)
            {
                if (!known.Contains(row.Batch))
                    minutes.Add(row);
            }

            all.Add(new OpenPartition(partition, cursor, [.. minutes.Minutes], minutes.Late, minutes.Next, LastEnqueuedAt(rows), isComplete));
        }

        return all;
    }

    private static DateTimeOffset LastEnqueuedAt(List<LedgerRow> rows) =>
        rows.Count == 0 ? DateTimeOffset.MinValue : rows.Max(row => row.Events.Count == 0 ? DateTimeOffset.MinValue : row.Events[^1].EnqueuedAt);

    private async Task<LedgerCursor> CursorAsync(string partition, CancellationToken cancellation) =>
        await storage.ReadAsync(FinalizeState.Table, LedgerCursor.Key, RowKeys.Partition(partition), cancellation) is { } row
            ? LedgerCursor.FromRow(partition, row)
            : LedgerCursor.None;

    private async Task<(List<LedgerRow> Rows, bool IsComplete)> RowsAsync(
        string partition, LedgerCursor cursor, DateOnly[] days, CancellationToken cancellation)
    {
        var window = cursor.Recent.Count > 0 ? cursor.Recent[0] : null;
        var oldest = window is null ? DateOnly.MinValue : DateOnly.FromDateTime(window.Minute.UtcDateTime);
        var (from, to) = RowKeys.LedgerFrom(partition, window is null ? 0 : window.First - LongestBatch);
        var rows = new List<LedgerRow>();
        var isComplete = true;
        foreach (var day in days.Where(day => day >= oldest))
        {
            await foreach (var row in storage.ReadAsync(DayTables.Name(DayTables.Receipts, day), RowKeys.Partition(partition), from, to, PageRows, cancellation))
            {
                if (rows.Count >= MostRows)
                {
                    isComplete = false;
                    break;
                }

                var read = LedgerRow.FromRow(partition, row);
                if (window is null || read.Minute >= window.Minute)
                    rows.Add(read);
            }

            if (!isComplete)
                break;
        }

        rows.Sort((a, b) => (a.Batch.FirstSequence, a.Batch.LastSequence).CompareTo((b.Batch.FirstSequence, b.Batch.LastSequence)));
        return (rows, isComplete);
    }

    /// <summary>Where the ledger begins: at the hub's first event, unless there were receipts before there was a ledger.</summary>
    private async Task<long> BeginAsync(string partition, List<LedgerRow> rows, DateOnly[] days, CancellationToken cancellation)
    {
        if (rows.Count == 0)
            return 0;
        var first = rows[0].Batch.FirstSequence;
        foreach (var day in days)
        {
            await foreach (var row in storage.ReadAsync(
                DayTables.Name(DayTables.Receipts, day), RowKeys.Partition(partition), "", RowKeys.AfterReceipts, 1, cancellation))
            {
                if (Receipt.FromRow(partition, row).Batch.FirstSequence < first)
                    return first;
                break;
            }
        }

        return Math.Min(first, await hub.FirstSequenceNumberAsync(partition, cancellation));
    }
}
