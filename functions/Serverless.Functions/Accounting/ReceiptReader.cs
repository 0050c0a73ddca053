using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>
/// Finds what became of a request by its receipt: the id tells the minute, and the minute's batches tell their requests. What is in no batch yet is looked for in
/// the hub itself.
/// </summary>
public sealed class ReceiptReader(TableStorage storage, DayTables tables, SpanHub hub, SpanHubTail tail)
{
    // By partition; where more wait, the receipt comes later.
    private const int MostWaiting = 200;

    private const int PageRows = 200;
    private const int MostRows = 5_000;

    // A body may take half a minute to arrive, and the hub a few seconds.
    private static readonly TimeSpan LatestMinute = TimeSpan.FromMinutes(1);

    private readonly FinalizedLedger _finalized = new(storage, tables);
    private readonly OpenLedger _open = new(storage, tables, hub);

    /// <summary>The events that have spans of a request, each once, and told apart from their repetitions; none where it was refused, or brought none.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task<IReadOnlyList<ReceiptPart>> FindAsync(ReceiptId id, CancellationToken cancellation)
    {
        var minute = Receipt.MinuteOf(id.Time);
        for (var isLast = false; ; isLast = true)
        {
            var parts = await StoredAsync(id, minute, cancellation);
            if (!IsWhole(MarkResent(parts)))
                await AddWaitingAsync(parts, id, cancellation);
            var told = MarkResent(parts);
            // What was not stored when the rows were read, and did not wait any more when the hub was, is in the rows now.
            if (isLast || IsWhole(told))
                return told;
        }
    }

    private static bool IsWhole(List<ReceiptPart> parts) => parts.Count > 0 && parts.Sum(part => part.IsResent ? 0L : part.Spans) >= parts[0].Accepted;

    private async Task<List<ReceiptPart>> StoredAsync(ReceiptId id, DateTimeOffset minute, CancellationToken cancellation)
    {
        var finalized = await _finalized.ReadAsync(minute, minute + LatestMinute + TimeSpan.FromMinutes(1), cancellation);
        var parts = new List<ReceiptPart>();
        foreach (var partition in await hub.PartitionIdsAsync(cancellation))
        {
            var (first, end) = await RangeAsync(partition, minute, cancellation);
            foreach (var day in await DaysAsync(minute, cancellation))
            {
                var left = MostRows;
                var (from, to) = RowKeys.LedgerFrom(partition, first);
                await foreach (var row in storage.ReadAsync(DayTables.Name(DayTables.Receipts, day), RowKeys.Partition(partition), from, to, PageRows, cancellation))
                {
                    var read = LedgerRow.FromRow(partition, row);
                    if (read.Batch.FirstSequence >= end || left-- == 0)
                        break;
                    if (read.Minute >= minute && read.Minute <= minute + LatestMinute)
                        Add(parts, read, id, finalized);
                }
            }
        }

        return parts;
    }

    /// <summary>Of an event that the hub has several times the one counts that got furthest.</summary>
    private static List<ReceiptPart> MarkResent(List<ReceiptPart> parts)
    {
        var first = parts.Where(part => part.EventId != 0).GroupBy(part => part.EventId).ToDictionary(
            copies => copies.Key, copies => copies.MinBy(part => (part.IsQuarantined, part.AssembledAt is null, part.FinalizedAt is null)));
        return [.. parts.Select(part => part with { IsResent = part.EventId != 0 && !ReferenceEquals(first[part.EventId], part) })];
    }

    /// <summary>The sample that was kept of a refused request, or null.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<LedgerSample?> RefusedAsync(ReceiptId id, CancellationToken cancellation)
    {
        foreach (var day in await DaysAsync(Receipt.MinuteOf(id.Time), cancellation))
        {
            if (await storage.ReadAsync(DayTables.Name(DayTables.Refused, day), RefusedRows.Partition, RefusedRows.Key(id), cancellation) is { } row)
                return LedgerSectionReader.ReadSample(row.Data);
        }

        return null;
    }

    private async Task<IReadOnlyList<DateOnly>> DaysAsync(DateTimeOffset minute, CancellationToken cancellation)
    {
        // What came shortly before midnight, or was kept up for a day, lies in the next day's table.
        var day = DateOnly.FromDateTime(minute.UtcDateTime);
        return [.. (await tables.DaysAsync(DayTables.Receipts, cancellation)).Where(other => other >= day && other <= day.AddDays(1)).Order()];
    }

    private async Task<(long First, long End)> RangeAsync(string partition, DateTimeOffset minute, CancellationToken cancellation)
    {
        var cursor = await storage.ReadAsync(FinalizeState.Table, LedgerCursor.Key, RowKeys.Partition(partition), cancellation) is { } state
            ? LedgerCursor.FromRow(partition, state)
            : LedgerCursor.None;
        if (cursor.ClosedUntil < minute)
            return (Math.Max(0, cursor.Next), long.MaxValue);
        var first = long.MaxValue;
        var end = 0L;
        for (var each = minute; each <= minute + LatestMinute; each += TimeSpan.FromMinutes(1))
        {
            var table = DayTables.Name(DayTables.Ledger, DateOnly.FromDateTime(each.UtcDateTime));
            if (await storage.ReadAsync(table, RowKeys.Partition(partition), LedgerMinute.KeyOf(each), cancellation) is not { } row)
                continue;
            var closed = LedgerMinute.FromRow(partition, row);
            first = Math.Min(first, closed.FirstSequence);
            end = Math.Max(end, closed.Next);
        }

        return cursor.ClosedUntil >= minute + LatestMinute ? (first, end) : (Math.Min(first, cursor.Next), long.MaxValue);
    }

    private async Task AddWaitingAsync(List<ReceiptPart> parts, ReceiptId id, CancellationToken cancellation)
    {
        var payload = Array.Empty<byte>();
        foreach (var partition in await _open.ReadAsync(cancellation))
        {
            var last = await hub.LastSequenceNumberAsync(partition.Partition, cancellation);
            if (last < partition.Next)
                continue;
            foreach (var waiting in await tail.ReadAsync(partition.Partition, partition.Next, last, MostWaiting, cancellation))
            {
                LedgerSection section;
                EventContent content;
                try
                {
                    content = EventEnvelope.Read(waiting.Body, ref payload);
                    section = LedgerSectionReader.Read(payload.AsSpan(content.FrameBytes, content.SectionBytes));
                }
                catch (FrameFormatException)
                {
                    // The assembler will see to it.
                    continue;
                }

                foreach (var request in section.Requests)
                {
                    if (request.Id == id && !parts.Exists(part => part.Partition == partition.Partition && part.Sequence == waiting.SequenceNumber))
                        parts.Add(new ReceiptPart(partition.Partition, waiting.SequenceNumber, request.Accepted, request.Here, false, waiting.EnqueuedAt, null, null, content.Id));
                }
            }
        }
    }

    private static void Add(List<ReceiptPart> parts, LedgerRow row, ReceiptId id, FinalizedWindow finalized)
    {
        var (reports, lastAt) = finalized.Of(row.Batch);
        DateTimeOffset? finalizedAt = reports >= row.Events.Sum(e => e.IsQuarantined ? 0L : e.Found) ? lastAt : null;
        for (var i = 0; i < row.Events.Count; i++)
        {
            foreach (var request in row.Sections[i].Requests)
            {
                var e = row.Events[i];
                if (request.Id == id && !parts.Exists(part => part.Partition == row.Batch.Partition && part.Sequence == e.Sequence))
                {
                    parts.Add(new ReceiptPart(
                        row.Batch.Partition, e.Sequence, request.Accepted, request.Here, e.IsQuarantined, e.EnqueuedAt, row.AssembledAt,
                        e.IsQuarantined || e.Found == 0 ? null : finalizedAt, e.Id));
                }
            }
        }
    }
}
