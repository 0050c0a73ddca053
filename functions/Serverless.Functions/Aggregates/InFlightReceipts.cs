using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Aggregates;

/// <summary>
/// Finds which traces may not be finalized: those of the receipts that are not planned yet; and while items are still to be done, those of the
/// receipts that were planned lately.
/// </summary>
/// <remarks>
/// The order of reading makes it sound: position of the planner, receipts behind it, end of the hub, progress. What lies before the position was in the hub
/// when its end was read; where the progress has reached that end, all of it is finalized. A trace that is finalized nonetheless is told by its summary.
/// </remarks>
internal sealed class InFlightReceipts(TableStorage storage, DayTables tables, SpanHub spans, FinalizeHub hub, FinalizeState state, TimeProvider clock)
{
    private const int PageRows = 100;

    // How far back receipts are looked for that were planned but may not be finalized: so many events of a partition.
    private const long EventsBack = 2_000;

    // Mostly the finalizer is only just at what the planner sent, and done in no time.
    private const int Waits = 5;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(40);

    // The planner sends every few seconds: where more items wait, the receipts looked at may not reach back far enough.
    private const long MostItemsWaiting = 50;

    /// <summary>The low 64 bits of the traces' ids, each with the day of its last receipt.</summary>
    public Dictionary<ulong, DateOnly> Traces { get; } = [];

    /// <summary>How far each partition of hub <c>finalize</c> was done.</summary>
    public IReadOnlyDictionary<string, FinalizeProgress> Progress { get; private set; } = new Dictionary<string, FinalizeProgress>();

    /// <summary>False where there may be more such traces.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Tells what was found from what another time was.</summary>
    public string Signature { get; private set; } = "";

    /// <summary>Looks.</summary>
    /// <param name="mostTraces">Where there are more, there is no use in knowing them.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">A hub cannot be asked.</exception>
    public async Task ReadAsync(int mostTraces, CancellationToken cancellation)
    {
        var signature = new List<string>();
        var days = (await tables.DaysAsync(DayTables.Receipts, cancellation)).Reverse().ToArray();
        var cursors = new List<(string Partition, PlanCursor Cursor)>();
        foreach (var partition in await spans.PartitionIdsAsync(cancellation))
        {
            var cursor = await state.CursorAsync(partition, cancellation);
            cursors.Add((partition, cursor));
            await ReadAsync(partition, days.Where(day => day >= cursor.Day), cursor.RowKey.Length > 0 ? cursor.After : "", mostTraces, signature, cancellation);
        }

        var waiting = await WaitingAsync(cancellation);
        if (waiting > 0)
        {
            foreach (var (partition, cursor) in cursors.Where(one => one.Cursor.RowKey.Length > 0))
                await ReadAsync(partition, days.Where(day => day >= cursor.Day.AddDays(-1)), Before(partition, cursor), mostTraces, signature, cancellation);
        }

        IsComplete = Traces.Count <= mostTraces && waiting <= MostItemsWaiting;
        signature.AddRange(Progress.Select(partition => $"{partition.Key}:{partition.Value.Sequence}"));
        Signature = string.Join(' ', signature);
    }

    private static string Before(string partition, PlanCursor cursor) =>
        BatchId.Parse(cursor.RowKey).FirstSequence is > EventsBack and var first
            ? new BatchId(partition, first - EventsBack, first - EventsBack).ToString()
            : "";

    /// <summary>How many items of a partition are still to be done, at most.</summary>
    private async Task<long> WaitingAsync(CancellationToken cancellation)
    {
        var partitions = await hub.PartitionIdsAsync(cancellation);
        var ends = await Task.WhenAll(partitions.Select(partition => hub.LastSequenceNumberAsync(partition, cancellation)));
        for (var tries = 1; ; tries++)
        {
            Progress = await state.ProgressAsync(cancellation);
            var waiting = partitions.Zip(ends, (partition, end) => end - Progress.GetValueOrDefault(partition, FinalizeProgress.None).Sequence).Max();
            if (waiting <= 0 || tries > Waits)
                return waiting;
            await Task.Delay(Wait, clock, cancellation);
        }
    }

    private async Task ReadAsync(
        string partition, IEnumerable<DateOnly> days, string from, int mostTraces, List<string> signature, CancellationToken cancellation)
    {
        var key = RowKeys.Partition(partition);
        foreach (var day in days)
        {
            await foreach (var row in storage.ReadAsync(DayTables.Name(DayTables.Receipts, day), key, from.Length > 0 ? from : key, key + "~", PageRows, cancellation))
            {
                signature.Add(row.RowKey);
                foreach (var low in Receipt.FromRow(partition, row).Traces)
                    Traces[low] = Traces.TryGetValue(low, out var known) && known > day ? known : day;
                if (Traces.Count > mostTraces)
                    return;
            }
        }
    }
}
