using Microsoft.Extensions.Logging;
using Serverless.Functions.Assembling;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Finalizing;

/// <summary>The receipts of a partition of the hub <c>spans</c> behind the planner's position: first those that are due, then those that are younger.</summary>
internal sealed class ReceiptRun(string partition, PlanCursor cursor)
{
    private const int PageRows = 100;

    public string Partition => partition;

    public PlanCursor Cursor => cursor;

    /// <summary>The traces of each receipt that is due, with the day of its table.</summary>
    public List<(DateOnly Day, IReadOnlyList<ulong> Traces)> Due { get; } = [];

    /// <summary>The last receipt that is due; null where none is.</summary>
    public (DateOnly Day, string RowKey)? LastDue { get; private set; }

    /// <summary>More may be due than was read.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Reads the receipts.</summary>
    /// <param name="storage">The tables.</param>
    /// <param name="days">The days that have receipts, the oldest first.</param>
    /// <param name="dueUntil">Receipts until then are due, up to the first that is younger.</param>
    /// <param name="mostTraces">Reading stops where so many traces are due, and where so many are young.</param>
    /// <param name="young">Takes the traces of those that are younger.</param>
    /// <param name="logger">Takes what cannot be read.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task ReadAsync(
        TableStorage storage, IEnumerable<DateOnly> days, DateTimeOffset dueUntil, int mostTraces, HashSet<ulong> young, ILogger logger, CancellationToken cancellation)
    {
        var due = 0;
        var isYoung = false;
        var youngBefore = young.Count;
        var key = RowKeys.Partition(partition);
        foreach (var day in days.Where(day => day >= cursor.Day))
        {
            var from = cursor.RowKey.Length > 0 ? cursor.After : key;
            await foreach (var row in storage.ReadAsync(DayTables.Name(DayTables.Receipts, day), key, from, key + "~", PageRows, cancellation))
            {
                var receipt = Read(row, logger);
                isYoung |= receipt is not null && receipt.AssembledAt > dueUntil;
                if (!isYoung)
                {
                    LastDue = (day, row.RowKey);
                    Due.Add((day, receipt?.Traces ?? []));
                    due += receipt?.Traces.Count ?? 0;
                }
                else
                {
                    young.UnionWith(receipt?.Traces ?? []);
                }

                IsCut = due >= mostTraces;
                if (IsCut || young.Count - youngBefore >= mostTraces)
                    return;
            }
        }
    }

    private Receipt? Read(StoredRow row, ILogger logger)
    {
        try
        {
            return Receipt.FromRow(partition, row);
        }
        catch (FormatException e)
        {
            logger.LogError(e, "Receipt {Row} of partition {Partition} is damaged; its traces are finalized when more of them comes: {Reason}", row.RowKey, partition, e.Message);
            return null;
        }
    }
}
