using Microsoft.Extensions.Logging;
using Serverless.Functions.Accounting;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Assembling;

/// <summary>Merges the search blocks of one day of arrival and one partition of the hub; see <see cref="SearchMerger"/> for why it is safe.</summary>
/// <param name="storage">The tables.</param>
/// <param name="counters">Gets what was done.</param>
/// <param name="table">The day's table.</param>
/// <param name="partition">The partition of the hub.</param>
/// <param name="isTimeUp">True when the rest has to wait for the next run.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Is told of damage.</param>
internal sealed class PartitionMerger(
    TableStorage storage, SpanCounters counters, string table, string partition, Func<bool> isTimeUp, TimeProvider clock, ILogger logger)
{
    private const int PageRows = 100;

    // A note is up to 400 kB.
    private const int PageNotes = 4;

    // Where the first blocks of an hour are mostly large, so are the others: the service is a busy one.
    private const int ProbedRows = 32;

    private readonly string _key = RowKeys.Partition(partition);

    /// <summary>Deletes what was merged long enough ago.</summary>
    /// <param name="age">How long ago that is.</param>
    /// <param name="cancellation">Ends it; the rest is done another time.</param>
    /// <exception cref="StorageException">The service refused or failed.</exception>
    public async Task DeleteMergedAsync(TimeSpan age, CancellationToken cancellation)
    {
        var (from, to) = RowKeys.MergeNotes;
        await foreach (var row in storage.ReadAsync(table, _key, from, to, PageNotes, cancellation))
        {
            if (isTimeUp())
                return;
            if (Read(row) is not { } note || clock.GetUtcNow() - note.WrittenAt < age)
                continue;
            // The note goes last: as long as it is there, what it names is deleted again.
            var transactions = await storage.DeleteAsync(table, _key, [.. note.Sources, row.RowKey], cancellation);
            counters.MergedBlocksDeleted(note.Sources.Count, transactions);
        }
    }

    /// <summary>Merges the blocks whose newest starts lie in (oldest, newest], both full hours in nanoseconds since 1970.</summary>
    /// <returns>False where time was up before the end.</returns>
    /// <exception cref="StorageException">The service refused or failed.</exception>
    public async Task<bool> MergeAsync(ulong oldestNs, ulong newestNs, CancellationToken cancellation)
    {
        using var run = new MergeRun();
        var from = "";
        while (await FirstKeyAsync(from, cancellation) is { } key)
        {
            if (RowKeys.IsNote(key))
            {
                from = RowKeys.AfterNotes;
                continue;
            }

            var service = RowKeys.SearchService(key);
            if (!await MergeServiceAsync(run, service, oldestNs, newestNs, cancellation))
                return false;
            from = RowKeys.AfterService(service);
        }

        return true;
    }

    /// <summary>True where <see cref="MarkDoneAsync"/> was called for the table and partition.</summary>
    public async Task<bool> IsDoneAsync(CancellationToken cancellation) =>
        await FirstKeyAsync(RowKeys.MergedForGood, cancellation) == RowKeys.MergedForGood;

    /// <summary>Notes that nothing is left to be merged, nor will come.</summary>
    public Task MarkDoneAsync(CancellationToken cancellation) =>
        storage.WriteAsync(table, _key, [new StoredRow(RowKeys.MergedForGood, [])], cancellation);

    private async Task<string?> FirstKeyAsync(string from, CancellationToken cancellation)
    {
        await foreach (var row in storage.ReadAsync(table, _key, from, null, 1, cancellation))
            return row.RowKey;
        return null;
    }

    private async Task<bool> MergeServiceAsync(MergeRun run, string service, ulong oldestNs, ulong newestNs, CancellationToken cancellation)
    {
        var merged = await MergedAlreadyAsync(service, cancellation);
        while (newestNs > oldestNs)
        {
            if (isTimeUp())
                return false;
            newestNs = await MergeHoursAsync(run, service, oldestNs, newestNs, merged, cancellation);
        }

        return true;
    }

    /// <summary>What was merged but is not deleted yet.</summary>
    private async Task<HashSet<string>> MergedAlreadyAsync(string service, CancellationToken cancellation)
    {
        var (from, to) = RowKeys.MergeNotesOf(service);
        var merged = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in storage.ReadAsync(table, _key, from, to, PageNotes, cancellation))
        {
            if (Read(row) is { } note)
                merged.UnionWith(note.Sources);
        }

        return merged;
    }

    /// <summary>Merges hour by hour, from the newest.</summary>
    /// <returns>Where to go on: behind an hour whose rows were not all read; 0 at the end.</returns>
    private async Task<ulong> MergeHoursAsync(
        MergeRun run, string service, ulong oldestNs, ulong newestNs, HashSet<string> merged, CancellationToken cancellation)
    {
        run.Reset();
        var (from, to) = RowKeys.SearchRangeOf(service, oldestNs + 1, newestNs);
        var hour = ulong.MaxValue;
        var (rows, large) = (0, 0);
        await foreach (var row in storage.ReadAsync(table, _key, from, to, PageRows, cancellation))
        {
            var hourOfRow = (RowKeys.NewestStart(row.RowKey) - 1) / SearchBlock.MaxSpanOfStartsNs;
            if (hourOfRow != hour || run.IsFull)
                await FinishAsync(run, service, cancellation);
            if (hourOfRow != hour)
            {
                if (isTimeUp())
                    return newestNs;
                (hour, rows, large) = (hourOfRow, 0, 0);
            }

            rows++;
            if (row.Data.Length >= MergeRun.LargeBlockBytes)
                large++;
            else if (!merged.Contains(row.RowKey))
                Add(run, row);
            if (rows >= ProbedRows && large * 2 > rows)
            {
                await FinishAsync(run, service, cancellation);
                return hour * SearchBlock.MaxSpanOfStartsNs;
            }
        }

        await FinishAsync(run, service, cancellation);
        return 0;
    }

    private void Add(MergeRun run, StoredRow row)
    {
        try
        {
            run.Add(row);
        }
        catch (FrameFormatException e)
        {
            logger.LogError(e, "Row {Row} of table {Table} is damaged and is left as it is: {Reason}", row.RowKey, table, e.Message);
        }
    }

    private async Task FinishAsync(MergeRun run, string service, CancellationToken cancellation)
    {
        var rows = run.Finish(service, partition, clock.GetUtcNow());
        if (rows.Count > 0)
        {
            var transactions = await storage.WriteAsync(table, _key, rows, cancellation);
            storage.CountDeletion(table, _key, run.Sources, run.Bytes);
            counters.SearchBlocksMerged(run.Sources.Count, rows.Count - 1, transactions);
        }

        run.Reset();
    }

    private MergeNote? Read(StoredRow row)
    {
        try
        {
            return MergeNote.FromRow(row, RowKeys.SearchPrefix(RowKeys.MergeNoteService(row.RowKey)));
        }
        catch (FormatException e)
        {
            logger.LogError(e, "What row {Row} of table {Table} says was merged is not deleted: {Reason}", row.RowKey, table, e.Message);
            return null;
        }
    }
}
