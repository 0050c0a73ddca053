using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Assembling;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Aggregation;

namespace Serverless.Functions.Aggregates;

/// <summary>Merges the rows of aggregates of one day and one partition of hub <c>finalize</c>; see <see cref="AggregateMerger"/> for why it is safe.</summary>
/// <param name="storage">The tables.</param>
/// <param name="counters">Gets what was done.</param>
/// <param name="table">The day's table.</param>
/// <param name="partition">The partition.</param>
/// <param name="lastItem">The last item that is committed.</param>
/// <param name="isTimeUp">True when the rest has to wait for the next run.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Is told of damage.</param>
internal sealed class AggregateTableMerger(
    TableStorage storage, FinalizeCounters counters, string table, string partition, long lastItem, Func<bool> isTimeUp, TimeProvider clock, ILogger logger)
{
    private const int PageRows = 200;

    // While an hour grows, few rows are not worth it.
    private const int LeastRows = 16;
    private const int HashChars = 16;

    // Requests are over long before.
    private static readonly TimeSpan DeletedAfter = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ClosedAfter = TimeSpan.FromMinutes(70);

    private readonly string _key = RowKeys.Partition(partition);
    private readonly TraceAggregates _sum = new();

    /// <summary>True where <see cref="MarkDoneAsync"/> was called.</summary>
    public async Task<bool> IsDoneAsync(CancellationToken cancellation) =>
        await storage.ReadAsync(table, _key, RowKeys.MergedForGood, cancellation) is not null;

    /// <summary>Notes that nothing is left to be merged, nor will come.</summary>
    public Task MarkDoneAsync(CancellationToken cancellation) =>
        storage.WriteAsync(table, _key, [new StoredRow(RowKeys.MergedForGood, [])], cancellation);

    /// <summary>Merges and deletes.</summary>
    /// <returns>True where nothing is left to be done.</returns>
    /// <exception cref="StorageException">The service refused or failed.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        var isDone = true;
        foreach (var kind in new[] { AggregateKind.Red, AggregateKind.Links })
        {
            var hour = new HourRows();
            var (from, to) = AggregateKeys.All(kind);
            await foreach (var row in storage.ReadAsync(table, _key, from, to, PageRows, cancellation))
            {
                if (hour.Ends(row))
                    isDone &= await FinishAsync(hour, cancellation);
                if (isTimeUp())
                    return false;
                try
                {
                    hour.Add(row);
                }
                catch (FormatException e)
                {
                    logger.LogError(e, "What row {Row} of table {Table} says was merged is not known: {Reason}", row.RowKey, table, e.Message);
                    return false;
                }
            }

            isDone &= await FinishAsync(hour, cancellation);
        }

        return isDone;
    }

    private async Task<bool> FinishAsync(HourRows hour, CancellationToken cancellation)
    {
        var notes = 0;
        foreach (var (key, note) in hour.Notes)
        {
            notes++;
            if (clock.GetUtcNow() - note.WrittenAt < DeletedAfter)
                continue;
            // The note goes last: as long as it is there, what it names does not count.
            await storage.DeleteAsync(table, _key, [.. note.Sources, key], cancellation);
            counters.AggregatesDeleted(note.Sources.Count);
        }

        var isMerged = hour.Prefix.Length > 0 && await MergeAsync(hour, cancellation);
        hour.Reset();
        return notes == 0 && !isMerged;
    }

    private async Task<bool> MergeAsync(HourRows hour, CancellationToken cancellation)
    {
        var rows = hour.UpTo(lastItem).Take(MergeNote.MaxSources).ToArray();
        var isClosed = clock.GetUtcNow() - DateTimeOffset.UnixEpoch.AddHours(AggregateKeys.HourOf(rows.Length > 0 ? rows[0].RowKey : hour.Prefix)) > ClosedAfter + TimeSpan.FromHours(1);
        if (rows.Length < (isClosed ? 2 : LeastRows) || IsOneMerge(rows))
            return false;
        _sum.Clear();
        try
        {
            foreach (var row in rows)
                _sum.Merge(row.Data);
        }
        catch (FormatException e)
        {
            logger.LogError(e, "Hour {Hour} of table {Table} is damaged and is left as it is: {Reason}", hour.Prefix, table, e.Message);
            return false;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows.Select(row => row.RowKey)))))[..HashChars];
        var merged = _sum.ToBlocks().Select(block => new StoredRow(AggregateKeys.OfMerged(block, hash), block.Bytes)).ToList();
        if (merged.Count >= rows.Length)
            return false;
        var sources = rows.Select(row => row.RowKey).ToArray();
        merged.Insert(0, new MergeNote(clock.GetUtcNow(), sources).ToRow(AggregateKeys.OfNote(hour.Prefix, hash), hour.Prefix));
        // One transaction, or not at all.
        if (merged.Count > TableStorage.MaxOperations || merged.Sum(row => row.Data.Length) > TableStorage.MaxTransactionBytes)
            return false;
        await storage.WriteAsync(table, _key, merged, cancellation);
        storage.CountDeletion(table, _key, sources, rows.Sum(row => row.Data.Length));
        counters.AggregatesMerged(rows.Length);
        return true;
    }

    // The parts of one hour that does not fit one row.
    private static bool IsOneMerge(StoredRow[] rows) => rows.All(
        row => !AggregateKeys.IsItem(row.RowKey, out _) && AggregateKeys.HashOf(row.RowKey) == AggregateKeys.HashOf(rows[0].RowKey));
}
