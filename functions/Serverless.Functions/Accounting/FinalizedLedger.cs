using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>Reads what the finalizer did with reports, by the minute in which the hub took them.</summary>
internal sealed class FinalizedLedger(TableStorage storage, DayTables tables)
{
    private const int PageRows = 500;

    private readonly FinalizeState _state = new(storage);

    /// <summary>Reads the minutes that begin in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FormatException">A row is damaged.</exception>
    public async Task<FinalizedWindow> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        // In this order: what is settled is done, and the rows of what is done stay as they are.
        var settled = await _state.SettledAsync(cancellation);
        var progress = await _state.ProgressAsync(cancellation);
        var window = new FinalizedWindow(settled, progress);
        // Clocks differ around midnight, and late spans are finalized on any later day.
        var first = DateOnly.FromDateTime(from.UtcDateTime) is var day && day > DateOnly.MinValue ? day.AddDays(-1) : day;
        foreach (var table in (await tables.DaysAsync(DayTables.Aggregates, cancellation)).Where(other => other >= first).Select(other => DayTables.Name(DayTables.Aggregates, other)))
        {
            foreach (var (partition, done) in progress)
            {
                await ReadAsync(window, table, partition, done.Sequence, FinalizedReports.From(LedgerMinute.CeilingOf(from)), FinalizedReports.From(LedgerMinute.CeilingOf(to)), cancellation);
                await ReadAsync(window, table, partition, done.Sequence, FinalizedReports.WithoutReceipt, FinalizedReports.After, cancellation);
            }
        }

        return window;
    }

    private async Task ReadAsync(
        FinalizedWindow window, string table, string partition, long done, string from, string to, CancellationToken cancellation)
    {
        await foreach (var row in storage.ReadAsync(table, RowKeys.Partition(partition), from, to, PageRows, cancellation))
        {
            if (FinalizedReports.SequenceOf(row.RowKey) > done)
                continue;
            var subject = FinalizedReports.SubjectOf(row.RowKey);
            if (subject[0] == 'u')
                window.Add(BatchId.Parse(subject.AsSpan(1)), FinalizedReports.FromRow(row), row.WrittenAt);
            else
                window.Add(LedgerMinute.MinuteOf(subject), FinalizedReports.FromRow(row), row.WrittenAt);
        }
    }
}
