using System.Globalization;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>
/// Counts what goes when retention drops a day: all that the ledger says was stored of the events that the hub took on that day. It is noted before the tables are dropped, and
/// said to be gone after it; so it counts once, however often either is tried.
/// </summary>
/// <remarks>
/// Rows of table <c>state</c>, which no retention drops: one for each day, or several where something came of a day that had been dropped already. Those of long ago are
/// added up in one transaction with their deletion.
/// </remarks>
public sealed class ExpiredDays(TableStorage storage, WorkTotalsStore work, TimeProvider clock, ILogger<ExpiredDays> logger)
{
    private const string Key = "ledger-expired";
    private const string SumKey = "sum";
    private const string DayFormat = "yyyyMMdd";
    private const int PageRows = 200;

    // Longer than any window that can be asked for.
    private static readonly TimeSpan KeptApart = TimeSpan.FromDays(40);

    /// <summary>What is gone, by time; what was long ago is one with an early time.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FormatException">A row is damaged.</exception>
    public Task<IReadOnlyList<ExpiredDay>> ReadAsync(CancellationToken cancellation) => ReadAsync(storage, cancellation);

    /// <summary>The same, for those who only read.</summary>
    internal static async Task<IReadOnlyList<ExpiredDay>> ReadAsync(TableStorage storage, CancellationToken cancellation) =>
        [.. (await AllAsync(storage, cancellation)).Where(day => day.IsDone)];

    /// <summary>Counts a day whose tables are about to be dropped.</summary>
    /// <param name="day">The day.</param>
    /// <param name="partitions">The partitions of the hub <c>spans</c>.</param>
    /// <param name="cancellation">Ends it; nothing is lost by trying again.</param>
    /// <exception cref="StorageException">The tables cannot be read or written.</exception>
    /// <exception cref="StorageConflictException">Another instance does the same.</exception>
    public async Task CountAsync(DateOnly day, IReadOnlyList<string> partitions, CancellationToken cancellation)
    {
        var counted = await CountRowsAsync(day, partitions, cancellation);
        var prefix = day.ToString(DayFormat, CultureInfo.InvariantCulture);
        var known = (await AllAsync(storage, cancellation)).Where(other => other.Row is { } row && row.Key.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        var writes = new List<RowWrite>();
        var last = known.Length > 0 ? known[^1] : null;
        var key = $"{prefix}-{known.Length:d3}";
        if (last is { IsDone: false, Row: var (lastKey, etag) })
        {
            if (counted.Rows < last.Rows)
            {
                // What was noted is gone, though nobody got to say so; and this came after it.
                writes.Add(RowWrite.IfUnchanged((last with { IsDone = true, At = clock.GetUtcNow() }).ToRow(lastKey), etag));
            }
            else
            {
                writes.Add(RowWrite.IfUnchanged(counted.ToRow(lastKey), etag));
                counted = counted with { Rows = 0 };
            }
        }

        if (counted.Rows > 0)
            writes.Add(RowWrite.IfAbsent(counted.ToRow(key)));
        if (writes.Count > 0)
            await storage.WriteTogetherAsync(FinalizeState.Table, Key, writes, cancellation);
    }

    /// <summary>Says that the tables of all days before another are gone.</summary>
    /// <exception cref="StorageException">The tables cannot be read or written.</exception>
    /// <exception cref="StorageConflictException">Another instance does the same.</exception>
    public async Task EndAsync(DateOnly before, CancellationToken cancellation)
    {
        var limit = before.ToString(DayFormat, CultureInfo.InvariantCulture);
        var now = clock.GetUtcNow();
        var all = await AllAsync(storage, cancellation);
        foreach (var day in all)
        {
            if (day is { IsDone: false, Row: var (key, etag) } && string.CompareOrdinal(key, limit) < 0)
                await storage.WriteTogetherAsync(FinalizeState.Table, Key, [RowWrite.IfUnchanged((day with { IsDone = true, At = now }).ToRow(key), etag)], cancellation);
        }

        await AddUpAsync(all, now, cancellation);
    }

    private async Task AddUpAsync(IReadOnlyList<ExpiredDay> all, DateTimeOffset now, CancellationToken cancellation)
    {
        // Its own row, and the sum's.
        var old = all.Where(day => day.IsDone && day.Row is { } row && row.Key != SumKey && now - day.At > KeptApart).Take(TableStorage.MaxOperations - 1).ToArray();
        if (old.Length == 0)
            return;
        var sum = all.FirstOrDefault(day => day.Row?.Key == SumKey);
        var next = old.Aggregate(sum ?? ExpiredDay.None, (total, day) => total.With(day)) with { IsDone = true };
        var writes = old.Select(day => RowWrite.Delete(day.Row!.Value.Key, day.Row.Value.ETag)).Append(RowWrite.IfUnchanged(next.ToRow(SumKey), sum?.Row?.ETag));
        await storage.WriteTogetherAsync(FinalizeState.Table, Key, [.. writes], cancellation);
    }

    private async Task<ExpiredDay> CountRowsAsync(DateOnly day, IReadOnlyList<string> partitions, CancellationToken cancellation)
    {
        var counts = new LedgerCounts(LedgerTotals.MostSources);
        var rows = 0;
        foreach (var partition in partitions)
        {
            await foreach (var row in storage.ReadAsync(DayTables.Name(DayTables.Ledger, day), RowKeys.Partition(partition), "", null, PageRows, cancellation))
            {
                rows++;
                try
                {
                    foreach (var (key, count) in LedgerMinute.FromRow(partition, row).Counts)
                    {
                        if (key.Stage == LedgerStage.Stored)
                            counts.Add(key.Source.OfAllInstances(), LedgerStage.Expired, LedgerReason.None, count);
                    }
                }
                catch (FormatException e)
                {
                    logger.LogError(e, "What row {Row} of the ledger of {Day} says was stored is not counted as expired: {Reason}", row.RowKey, day, e.Message);
                }
            }
        }

        var bytes = (await work.OfDayAsync(day, cancellation)).Where(count => count.Key.Measure == WorkCounts.StoredBytes)
            .ToDictionary(count => count.Key.Label, count => count.Value, StringComparer.Ordinal);
        return new ExpiredDay(clock.GetUtcNow(), counts, bytes) { Rows = rows + bytes.Count };
    }

    private static async Task<IReadOnlyList<ExpiredDay>> AllAsync(TableStorage storage, CancellationToken cancellation)
    {
        var all = new List<ExpiredDay>();
        await foreach (var row in storage.ReadAsync(FinalizeState.Table, Key, "", null, PageRows, cancellation))
            all.Add(ExpiredDay.FromRow(row));
        return all;
    }
}
