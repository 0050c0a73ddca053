using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>
/// Keeps the sums of what processes worked, so that they do not fall when retention drops days. A minute is added once, when no process can still write it:
/// what is asked for is what the tables have, so that every instance says the same.
/// </summary>
public sealed class WorkTotalsStore(TableStorage storage, DayTables tables, TimeProvider clock)
{
    private const string Key = "work-totals";
    private const int PageRows = 500;
    private const int MostRowsAtOnce = 20_000;

    // A process keeps what it cannot write for an hour.
    private static readonly TimeSpan ClosedAfter = TimeSpan.FromMinutes(WorkCounts.MostMinutes + 5);

    /// <summary>All that is written.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FormatException">A row is damaged.</exception>
    public async Task<WorkTotals> ReadAsync(CancellationToken cancellation)
    {
        var (totals, until, _) = await KeptAsync(cancellation);
        await AddAsync(totals, until, clock.GetUtcNow().AddDays(1), int.MaxValue, cancellation);
        return totals;
    }

    /// <summary>What a day's processes wrote to its tables, by kind of table.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    internal async Task<IReadOnlyDictionary<WorkKey, long>> OfDayAsync(DateOnly day, CancellationToken cancellation)
    {
        var totals = new WorkTotals();
        var from = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        await AddAsync(totals, from, from.AddDays(1), int.MaxValue, cancellation);
        return totals.Counts;
    }

    /// <summary>Adds what no process can still write.</summary>
    /// <exception cref="StorageException">The tables cannot be read or written; the next run goes on.</exception>
    public async Task FoldAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow() - ClosedAfter;
        var end = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        while (true)
        {
            var (totals, until, etag) = await KeptAsync(cancellation);
            if (until >= end)
                return;
            var next = await AddAsync(totals, until, end, MostRowsAtOnce, cancellation);
            try
            {
                await storage.WriteTogetherAsync(FinalizeState.Table, Key, [RowWrite.IfUnchanged(new StoredRow(Key, totals.ToBytes(next)), etag)], cancellation);
            }
            catch (StorageConflictException)
            {
                // Another instance did the same.
                return;
            }
        }
    }

    private async Task<(WorkTotals Totals, DateTimeOffset Until, string? ETag)> KeptAsync(CancellationToken cancellation)
    {
        if (await storage.ReadAsync(FinalizeState.Table, Key, Key, cancellation) is not { } row)
            return (new WorkTotals(), DateTimeOffset.UnixEpoch, null);
        var (totals, until) = WorkTotals.FromRow(row);
        return (totals, until, row.ETag);
    }

    /// <returns>Up to where the rows were added: the end, or less where there were too many.</returns>
    private async Task<DateTimeOffset> AddAsync(WorkTotals totals, DateTimeOffset from, DateTimeOffset to, int most, CancellationToken cancellation)
    {
        var last = from;
        foreach (var day in (await tables.DaysAsync(DayTables.Ledger, cancellation)).Where(day => day >= Day(from) && day <= Day(to)).Order())
        {
            await foreach (var row in storage.ReadAsync(
                DayTables.Name(DayTables.Ledger, day), WorkLedger.Partition, LedgerMinute.KeyOf(from), LedgerMinute.KeyOf(to), PageRows, cancellation))
            {
                var minute = LedgerMinute.MinuteOf(row.RowKey);
                // A minute's rows are added together, as its end is what is remembered.
                if (most <= 0 && minute >= last)
                    return last;
                most--;
                totals.Add(WorkLedger.Read(row));
                last = minute.AddMinutes(1);
            }
        }

        return to;
    }

    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);
}
