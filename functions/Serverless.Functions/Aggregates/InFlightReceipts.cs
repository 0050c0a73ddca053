using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Aggregates;

/// <summary>Finds which traces may not be finalized: those of the receipts behind the position up to which everything is.</summary>
/// <remarks>
/// The order of reading makes it sound: the position, the receipts behind it, then the progress of the items. What lies before the position is in items that are
/// committed by then. A trace behind it that is finalized nonetheless is told by its summary.
/// </remarks>
internal sealed class InFlightReceipts(TableStorage storage, DayTables tables, SpanHub hub, FinalizeState state)
{
    private const int PageRows = 100;

    /// <summary>The low 64 bits of the traces' ids, each with the day of its last receipt.</summary>
    public Dictionary<ulong, DateOnly> Traces { get; } = [];

    /// <summary>Per partition of hub <c>spans</c> the last event whose receipt was there; partitions without receipts are missing.</summary>
    public Dictionary<string, long> LastReceipted { get; } = [];

    /// <summary>How far each partition of hub <c>finalize</c> was done.</summary>
    public IReadOnlyDictionary<string, FinalizeProgress> Progress { get; private set; } = new Dictionary<string, FinalizeProgress>();

    /// <summary>Tells what was found from what another time was.</summary>
    public string Signature { get; private set; } = "";

    /// <summary>Looks.</summary>
    /// <param name="mostTraces">Where there are more, there is no use in knowing them.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked.</exception>
    /// <exception cref="FormatException">A receipt is damaged.</exception>
    public async Task ReadAsync(int mostTraces, CancellationToken cancellation)
    {
        var settled = await state.SettledAsync(cancellation);
        var days = (await tables.DaysAsync(DayTables.Receipts, cancellation)).Reverse().ToArray();
        var signature = new List<string>();
        foreach (var partition in await hub.PartitionIdsAsync(cancellation))
        {
            var cursor = settled.GetValueOrDefault(partition, PlanCursor.None);
            var key = RowKeys.Partition(partition);
            if (cursor.RowKey.Length > 0)
                LastReceipted[partition] = BatchId.Parse(cursor.RowKey).LastSequence;
            foreach (var day in days.Where(day => day >= cursor.Day))
            {
                var table = DayTables.Name(DayTables.Receipts, day);
                await foreach (var row in storage.ReadAsync(table, key, cursor.RowKey.Length > 0 ? cursor.After : key, key + "~", PageRows, cancellation))
                {
                    signature.Add(row.RowKey);
                    var receipt = Receipt.FromRow(partition, row);
                    LastReceipted[partition] = Math.Max(LastReceipted.GetValueOrDefault(partition), receipt.Batch.LastSequence);
                    foreach (var low in receipt.Traces)
                        Traces[low] = Traces.TryGetValue(low, out var known) && known > day ? known : day;
                    if (Traces.Count > mostTraces)
                        break;
                }
            }
        }

        Progress = await state.ProgressAsync(cancellation);
        signature.AddRange(Progress.Select(partition => $"{partition.Key}:{partition.Value.Sequence}"));
        Signature = string.Join(' ', signature);
    }
}
