using System.Collections.Concurrent;
using Serverless.Functions.Assembling;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Finalizing;

/// <summary>Tells of the batches that brought reports in which minute the hub took them: their receipts have it. What is known is kept.</summary>
internal sealed class ReceiptMinutes(TableStorage storage, EndlessRetry retry)
{
    // About 5 MB; a batch is asked for again and again for some minutes.
    private const int MostKnown = 50_000;

    private readonly ConcurrentDictionary<IncludedBatch, DateTimeOffset> _known = [];

    /// <summary>The batch's minute; null where it has no receipt: it may have been cut off before, or be on its way.</summary>
    public ValueTask<DateTimeOffset?> FindAsync(IncludedBatch batch, CancellationToken cancellation) =>
        _known.TryGetValue(batch, out var minute) ? ValueTask.FromResult<DateTimeOffset?>(minute) : new(ReadAsync(batch, cancellation));

    private async Task<DateTimeOffset?> ReadAsync(IncludedBatch batch, CancellationToken cancellation)
    {
        // A receipt is written after the rows, and may lie in the next day's table.
        var row = await ReadAsync(batch.Batch, batch.Day, cancellation) ?? await ReadAsync(batch.Batch, batch.Day.AddDays(1), cancellation);
        if (row is not { } found || MinuteOf(batch.Batch, found) is not { } minute)
            return null;
        if (_known.Count >= MostKnown)
            _known.Clear();
        return _known[batch] = minute;
    }

    private static DateTimeOffset? MinuteOf(BatchId batch, StoredRow row)
    {
        try
        {
            return Receipt.FromRow(batch.Partition, row).Minute;
        }
        catch (FormatException)
        {
            // The planner tells of it; what a batch without a receipt brought is a remainder of its minute.
            return null;
        }
    }

    private Task<StoredRow?> ReadAsync(BatchId batch, DateOnly day, CancellationToken cancellation) => retry.RunAsync(
        token => storage.ReadAsync(DayTables.Name(DayTables.Receipts, day), RowKeys.Partition(batch.Partition), batch.ToString(), token), cancellation);
}
