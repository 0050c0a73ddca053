using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>What went with the tables of a day, or of several.</summary>
/// <param name="At">When they were gone.</param>
/// <param name="Counts">How many spans, as <see cref="LedgerStage.Expired"/>, of services and senders without their instances.</param>
/// <param name="Bytes">How many bytes, by kind of table.</param>
public sealed record ExpiredDay(DateTimeOffset At, LedgerCounts Counts, IReadOnlyDictionary<string, long> Bytes)
{
    private const byte Version = 1;

    /// <summary>Whether the tables are gone.</summary>
    public bool IsDone { get; init; }

    /// <summary>How many rows of the ledger were counted.</summary>
    public long Rows { get; init; }

    /// <summary>The row's key and state; null where it was not read.</summary>
    internal (string Key, string? ETag)? Row { get; init; }

    /// <summary>Nothing.</summary>
    public static ExpiredDay None => new(DateTimeOffset.UnixEpoch, new LedgerCounts(LedgerTotals.MostSources), new Dictionary<string, long>(StringComparer.Ordinal));

    /// <summary>Both together.</summary>
    public ExpiredDay With(ExpiredDay other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var counts = new LedgerCounts(LedgerTotals.MostSources);
        counts.Add(Counts);
        counts.Add(other.Counts);
        var bytes = Bytes.Concat(other.Bytes).GroupBy(kind => kind.Key, StringComparer.Ordinal)
            .ToDictionary(kind => kind.Key, kind => kind.Sum(one => one.Value), StringComparer.Ordinal);
        return this with { Counts = counts, Bytes = bytes, Rows = Rows + other.Rows };
    }

    internal StoredRow ToRow(string key) => new(key, RowContent.Write(Version, writer =>
    {
        writer.WriteNumber(At.UtcTicks);
        writer.Write(IsDone);
        writer.WriteNumber(Rows);
        writer.WriteCounts(Counts);
        writer.WriteList([.. Bytes], static (to, kind) =>
        {
            to.Write(kind.Key);
            to.WriteNumber(kind.Value);
        });
    }));

    internal static ExpiredDay FromRow(StoredRow row) => RowContent.Read(row.Data, Version, "count of an expired day", reader =>
    {
        var at = new DateTimeOffset(reader.ReadNumber(), TimeSpan.Zero);
        var (isDone, rows) = (reader.ReadBoolean(), reader.ReadNumber());
        var counts = new LedgerCounts(LedgerTotals.MostSources);
        reader.ReadCounts(counts);
        var bytes = reader.ReadList(static from => KeyValuePair.Create(from.ReadString(), from.ReadNumber()));
        return new ExpiredDay(at, counts, bytes.ToDictionary(StringComparer.Ordinal)) { IsDone = isDone, Rows = rows, Row = (row.RowKey, row.ETag) };
    });
}
