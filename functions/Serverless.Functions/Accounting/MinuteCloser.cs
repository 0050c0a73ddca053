using Microsoft.Extensions.Logging;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>
/// Closes the ledger's minutes: writes each once to table <c>ledger</c>, when all events of it that there are have been assembled.
/// </summary>
/// <remarks>
/// A minute's row is written before the position that says so. A run that ends between the two leaves a row that the next one takes over instead of
/// its own; two runs at once do the same. So what is in a minute is decided once.
/// </remarks>
public sealed class MinuteCloser(TableStorage storage, DayTables tables, SpanHub hub, TimeProvider clock, ILogger<MinuteCloser> logger)
{
    // For clocks that differ, and for events that the hub took at the minute's end.
    private static readonly TimeSpan ClosedAfter = TimeSpan.FromSeconds(70);

    // The next run, a minute after this one, goes on.
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(50);

    private readonly OpenLedger _open = new(storage, tables, hub);

    /// <summary>Closes what can be closed.</summary>
    /// <exception cref="StorageException">The tables cannot be read or written; the next run goes on.</exception>
    /// <exception cref="HubException">The hub cannot be asked.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var again = true;
        while (again && clock.GetElapsedTime(began) < LongestRun)
        {
            again = false;
            foreach (var open in await _open.ReadAsync(cancellation))
            {
                try
                {
                    again |= await CloseAsync(open, cancellation) && !open.IsComplete;
                }
                catch (StorageConflictException e)
                {
                    logger.LogInformation(e, "Another instance closes the minutes of partition {Partition}: {Reason}", open.Partition, e.Message);
                }
            }
        }
    }

    private async Task<bool> CloseAsync(OpenPartition open, CancellationToken cancellation)
    {
        var cursor = open.Cursor;
        foreach (var late in open.Late)
        {
            var table = TableOf(late.Minute);
            await storage.WriteAsync(table, RowKeys.Partition(open.Partition), [late.ToRow(late.Batches[0])], cancellation);
            cursor = cursor.With(late);
        }

        var closed = 0;
        for (var i = 0; i < open.Minutes.Count; i++)
        {
            var minute = open.Minutes[i];
            if (i == open.Minutes.Count - 1 && !(open.IsComplete && await IsOverAsync(open, minute, cancellation)))
                break;
            cursor = cursor.After(await WriteAsync(open.Partition, minute, cancellation));
            closed++;
        }

        if (cursor == open.Cursor)
            return false;
        await storage.WriteTogetherAsync(
            FinalizeState.Table, LedgerCursor.Key, [RowWrite.IfUnchanged(cursor.ToRow(open.Partition), open.Cursor.ETag)], cancellation);
        return closed > 0;
    }

    private async Task<LedgerMinute> WriteAsync(string partition, LedgerMinute minute, CancellationToken cancellation)
    {
        var table = TableOf(minute.Minute);
        var key = RowKeys.Partition(partition);
        var row = minute.ToRow();
        try
        {
            await storage.WriteTogetherAsync(table, key, [RowWrite.IfAbsent(row)], cancellation);
            return minute;
        }
        catch (StorageConflictException)
        {
            // Another run wrote it, or this one did and was not told.
            if (await storage.ReadAsync(table, key, row.RowKey, cancellation) is { } there)
                return LedgerMinute.FromRow(partition, there);
            throw;
        }
    }

    private async Task<bool> IsOverAsync(OpenPartition open, LedgerMinute minute, CancellationToken cancellation)
    {
        if (clock.GetUtcNow() - minute.Minute < ClosedAfter)
            return false;
        var last = await hub.LastSequenceNumberAsync(open.Partition, cancellation);
        return last < open.Next;
    }

    private static string TableOf(DateTimeOffset minute) => DayTables.Name(DayTables.Ledger, DateOnly.FromDateTime(minute.UtcDateTime));
}
