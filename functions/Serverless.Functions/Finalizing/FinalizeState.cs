using Serverless.Functions.Accounting;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// Where planner and finalizer are, in a table that is not of a day, so that retention leaves it. All writes are conditional: of two instances that do
/// the same work one is told.
/// </summary>
public sealed class FinalizeState(TableStorage storage)
{
    /// <summary>The table.</summary>
    public const string Table = "state";

    private const string ProgressKey = "finalize-progress";
    private const string CursorKey = "finalize-cursor";
    private const string MarksKey = "finalize-marks";
    private const string TotalsPrefix = "~totals|";
    private const byte Version = 1;
    private const int PageRows = 100;
    private const int GuidBytes = 16;

    /// <summary>How far a partition of the hub <c>finalize</c> is done.</summary>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    public async Task<FinalizeProgress> ProgressAsync(string partition, CancellationToken cancellation) =>
        await storage.ReadAsync(Table, ProgressKey, RowKeys.Partition(partition), cancellation) is { } row ? Progress(row) : FinalizeProgress.None;

    /// <summary>How far all partitions of the hub <c>finalize</c> are done, by partition; those that did nothing yet are not there.</summary>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, FinalizeProgress>> ProgressAsync(CancellationToken cancellation)
    {
        var all = new Dictionary<string, FinalizeProgress>(StringComparer.Ordinal);
        await foreach (var row in storage.ReadAsync(Table, ProgressKey, "", TotalsPrefix, PageRows, cancellation))
            all[PartitionOf(row.RowKey)] = Progress(row);
        return all;
    }

    /// <summary>Says that a partition of the hub <c>finalize</c> is done up to an item.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="before">What was read.</param>
    /// <param name="sequence">The item.</param>
    /// <param name="day">Its day.</param>
    /// <param name="counts">What became of its reports; it is added to the sums in the same transaction, and so once.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="StorageConflictException">Another instance wrote meanwhile.</exception>
    /// <exception cref="StorageException">The table cannot be written.</exception>
    /// <exception cref="FormatException">The sums are damaged.</exception>
    public async Task AdvanceAsync(string partition, FinalizeProgress before, long sequence, DateOnly day, LedgerCounts counts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(counts);
        var progress = Row(partition, before with { Sequence = sequence, Day = day });
        List<RowWrite> writes = [RowWrite.IfUnchanged(progress, before.ETag)];
        if (!counts.IsEmpty)
        {
            var key = TotalsPrefix + progress.RowKey;
            var sum = new LedgerCounts(LedgerTotals.MostSources);
            if (await storage.ReadAsync(Table, ProgressKey, key, cancellation) is { } row)
                sum.Add(Totals(row));
            foreach (var (count, number) in counts)
                sum.Add(count.Source.OfAllInstances(), count.Stage, count.Reason, number);
            writes.Add(RowWrite.Always(new StoredRow(key, RowContent.Write(Version, writer => writer.Write(new LedgerSectionWriter().Write(new LedgerSection(sum)))))));
        }

        await storage.WriteTogetherAsync(Table, ProgressKey, writes, cancellation);
    }

    /// <summary>
    /// Takes over an item that another instance left behind: should that one still be alive, it cannot say any more that the item is done, for what it wrote is
    /// about to be taken back.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="before">What was read.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The same, as it is now.</returns>
    /// <exception cref="StorageConflictException">Another instance wrote meanwhile.</exception>
    /// <exception cref="StorageException">The table cannot be read or written.</exception>
    public async Task<FinalizeProgress> ClaimAsync(string partition, FinalizeProgress before, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(before);
        var claim = Guid.NewGuid();
        await storage.WriteTogetherAsync(Table, ProgressKey, [RowWrite.IfUnchanged(Row(partition, before with { Claim = claim }), before.ETag)], cancellation);
        var now = await ProgressAsync(partition, cancellation);
        return now.Claim == claim ? now : throw new StorageConflictException($"Another instance took over the items of partition {partition}.");
    }

    /// <summary>What became of the reports of all items that are done, of services and senders without their instances.</summary>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    /// <exception cref="FormatException">The sums are damaged.</exception>
    public async Task<LedgerCounts> TotalsAsync(CancellationToken cancellation)
    {
        var sum = new LedgerCounts(LedgerTotals.MostSources);
        await foreach (var row in storage.ReadAsync(Table, ProgressKey, TotalsPrefix, null, PageRows, cancellation))
            sum.Add(Totals(row));
        return sum;
    }

    /// <summary>How far the receipts of a partition of the hub <c>spans</c> were planned.</summary>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    public async Task<PlanCursor> CursorAsync(string partition, CancellationToken cancellation)
    {
        if (await storage.ReadAsync(Table, CursorKey, RowKeys.Partition(partition), cancellation) is not { } row)
            return PlanCursor.None;
        return RowContent.Read(row.Data, Version, "position of the planner", reader => new PlanCursor(reader.ReadDay(), reader.ReadString(), row.ETag));
    }

    /// <summary>Says that the receipts of a partition of the hub <c>spans</c> were planned up to one.</summary>
    /// <exception cref="StorageConflictException">Another instance wrote meanwhile.</exception>
    /// <exception cref="StorageException">The table cannot be written.</exception>
    public Task AdvanceAsync(string partition, PlanCursor before, DateOnly day, string rowKey, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(before);
        return WriteAsync(CursorKey, partition, before.ETag, writer =>
        {
            writer.WriteDay(day);
            writer.Write(rowKey);
        }, cancellation);
    }

    /// <summary>
    /// The last receipt of each partition of the hub <c>spans</c> up to which everything is finalized; a partition that is not there has nothing
    /// finalized yet. What is in flight is among the traces of the receipts behind those.
    /// </summary>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, PlanCursor>> SettledAsync(CancellationToken cancellation) => (await MarksAsync(cancellation)).Settled;

    internal async Task<PlanMarks> MarksAsync(CancellationToken cancellation) =>
        await storage.ReadAsync(Table, MarksKey, MarksKey, cancellation) is { } row ? PlanMarks.FromRow(row) : PlanMarks.None;

    /// <exception cref="StorageConflictException">Another instance wrote meanwhile.</exception>
    internal Task WriteAsync(PlanMarks marks, CancellationToken cancellation) =>
        storage.WriteTogetherAsync(Table, MarksKey, [RowWrite.IfUnchanged(new StoredRow(MarksKey, marks.ToBytes()), marks.ETag)], cancellation);

    private Task WriteAsync(string key, string partition, string? etag, Action<BinaryWriter> write, CancellationToken cancellation) =>
        storage.WriteTogetherAsync(
            Table, key, [RowWrite.IfUnchanged(new StoredRow(RowKeys.Partition(partition), RowContent.Write(Version, write)), etag)], cancellation);

    private static LedgerCounts Totals(StoredRow row) => RowContent.Read(
        row.Data, Version, "sum of finalized reports", reader => LedgerSectionReader.Read(reader.ReadBytes(row.Data.Length - 1)).Counts);

    private static StoredRow Row(string partition, FinalizeProgress progress) => new(RowKeys.Partition(partition), RowContent.Write(Version, writer =>
    {
        writer.WriteNumber(progress.Sequence);
        writer.WriteDay(progress.Day);
        writer.Write(progress.Claim.ToByteArray());
    }));

    // Rows of before there were claims have none.
    private static FinalizeProgress Progress(StoredRow row) => RowContent.Read(row.Data, Version, "progress of the finalizer", reader =>
        new FinalizeProgress(reader.ReadNumber(), reader.ReadDay(), row.ETag)
        {
            Claim = reader.ReadBytes(GuidBytes) is { Length: GuidBytes } claim ? new Guid(claim) : Guid.Empty,
        });

    private static string PartitionOf(string rowKey) => rowKey.Length > 1 && rowKey[0] == '0' ? rowKey[1..] : rowKey;
}
