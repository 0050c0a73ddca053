using Serverless.Functions.Accounting.Clients;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>
/// Keeps the sums of the ledger's closed minutes, a row for each partition of the hub: what is asked for since the beginning need not be read from it, and does not
/// fall when retention drops days. A minute is added when nothing of it can come late any more, once: the row says up to which minute it goes.
/// </summary>
public sealed class LedgerTotalsStore(TableStorage storage, DayTables tables, SpanHub hub, LedgerReader ledger, TimeProvider clock)
{
    private const string Key = "ledger-totals";
    private const int PageRows = 200;
    private const int MostMinutesAtOnce = 3_000;

    private readonly FinalizeState _state = new(storage);
    private readonly ClientLedger _clients = new(storage, tables, clock);

    /// <summary>All that was counted, to the present.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task<LedgerTotals> ReadAsync(CancellationToken cancellation)
    {
        var all = new LedgerTotals();
        var untils = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var partition in await hub.PartitionIdsAsync(cancellation))
        {
            var (totals, until, _) = await ReadAsync(partition, cancellation);
            all.Add(totals);
            untils[partition] = until;
        }

        var from = untils.Count == 0 ? DateTimeOffset.MinValue : untils.Values.Min();
        var window = await ledger.ReadAsync(from, clock.GetUtcNow().AddMinutes(2), cancellation);
        all.Counts.Add(window.Clients.AllTime);
        foreach (var minute in window.Minutes)
        {
            // What the finalizer did, what senders lost and what is gone is added up elsewhere.
            if (minute.Partition != LedgerMinute.OfAll && minute.Minute >= untils.GetValueOrDefault(minute.Partition))
                all.Add(minute);
        }

        all.Counts.Add(await _state.TotalsAsync(cancellation));
        foreach (var day in await ExpiredDays.ReadAsync(storage, cancellation))
        {
            all.Counts.Add(day.Counts);
            all.AddExpired(day.Bytes);
        }

        return all;
    }

    /// <summary>Adds all of the days before another, which are about to be dropped: nothing of them comes any more.</summary>
    /// <exception cref="StorageException">The tables cannot be read or written; the next run goes on.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task FoldBeforeAsync(DateOnly day, CancellationToken cancellation)
    {
        var end = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var ends = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var partition in await hub.PartitionIdsAsync(cancellation))
        {
            ends[partition] = end;
            while (await FoldAsync(partition, end, cancellation))
            {
                // There was too much for one time.
            }
        }

        await _clients.FoldAsync(ends, cancellation);
    }

    /// <summary>Adds what is closed for good, and keeps what senders lost in it.</summary>
    /// <exception cref="StorageException">The tables cannot be read or written; the next run goes on.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task FoldAsync(CancellationToken cancellation)
    {
        var ends = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var partition in await hub.PartitionIdsAsync(cancellation))
        {
            if (await storage.ReadAsync(FinalizeState.Table, LedgerCursor.Key, RowKeys.Partition(partition), cancellation) is not { } state)
                continue;
            var cursor = LedgerCursor.FromRow(partition, state);
            // Of the minutes closed last, batches may still come late.
            if (cursor.Recent.Count < LedgerCursor.MostRecent)
                continue;
            await FoldAsync(partition, cursor.Recent[0].Minute, cancellation);
            ends[partition] = cursor.Recent[0].Minute;
        }

        await _clients.FoldAsync(ends, cancellation);
    }

    /// <returns>Whether there was too much for one time.</returns>
    private async Task<bool> FoldAsync(string partition, DateTimeOffset end, CancellationToken cancellation)
    {
        var (totals, until, etag) = await ReadAsync(partition, cancellation);
        var left = MostMinutesAtOnce;
        var isCut = false;
        var next = until;
        foreach (var day in (await tables.DaysAsync(DayTables.Ledger, cancellation))
            .Where(day => day >= DateOnly.FromDateTime(until.UtcDateTime) && day <= DateOnly.FromDateTime(end.UtcDateTime)).Order())
        {
            await foreach (var row in storage.ReadAsync(
                DayTables.Name(DayTables.Ledger, day), RowKeys.Partition(partition), LedgerMinute.KeyOf(until), LedgerMinute.KeyOf(end), PageRows, cancellation))
            {
                var minute = LedgerMinute.FromRow(partition, row);
                // A minute's rows are added together, as its end is what is remembered.
                if (left-- <= 0 && minute.Minute >= next)
                {
                    isCut = true;
                    break;
                }

                totals.Add(minute);
                next = minute.Minute.AddMinutes(1);
            }

            if (isCut)
                break;
        }

        if (next == until)
            return false;
        var written = new StoredRow(RowKeys.Partition(partition), totals.ToBytes(next));
        try
        {
            await storage.WriteTogetherAsync(FinalizeState.Table, Key, [RowWrite.IfUnchanged(written, etag)], cancellation);
        }
        catch (StorageConflictException)
        {
            // Another instance did the same.
            return false;
        }

        return isCut;
    }

    private async Task<(LedgerTotals Totals, DateTimeOffset Until, string? ETag)> ReadAsync(string partition, CancellationToken cancellation)
    {
        if (await storage.ReadAsync(FinalizeState.Table, Key, RowKeys.Partition(partition), cancellation) is not { } row)
            return (new LedgerTotals(), DateTimeOffset.UnixEpoch, null);
        var (totals, until) = LedgerTotals.FromRow(row);
        return (totals, until, row.ETag);
    }
}
