using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting.Clients;

/// <summary>Up to where what senders tell of themselves is counted, and what was counted since the ledger began; a row of table <c>state</c>.</summary>
/// <param name="Untils">For each partition of the hub the first minute that is not counted.</param>
/// <param name="Counts">All that was counted, by service and sender.</param>
/// <param name="TidiedAt">When it was last looked for what is to be forgotten.</param>
/// <param name="ETag">The row's state when it was read; null where there is none.</param>
internal sealed record ClientLedgerState(IReadOnlyDictionary<string, DateTimeOffset> Untils, LedgerCounts Counts, DateTimeOffset TidiedAt, string? ETag)
{
    /// <summary>The row's key.</summary>
    public const string RowKey = "a";

    private const byte Version = 1;

    /// <summary>Nothing was counted.</summary>
    public static ClientLedgerState None => new(new Dictionary<string, DateTimeOffset>(), NewCounts(), DateTimeOffset.MinValue, null);

    /// <summary>The first minute of a partition that is not counted.</summary>
    public DateTimeOffset UntilOf(string partition) => Untils.GetValueOrDefault(partition, DateTimeOffset.MinValue);

    public StoredRow ToRow() => new(RowKey, RowContent.Write(Version, writer =>
    {
        writer.WriteList([.. Untils], static (to, until) =>
        {
            to.Write(until.Key);
            to.WriteNumber(until.Value.UtcTicks);
        });
        writer.WriteNumber(TidiedAt.UtcTicks);
        writer.WriteCounts(Counts);
    }));

    public static ClientLedgerState FromRow(StoredRow row) => RowContent.Read(row.Data, Version, "position of what senders tell", reader =>
    {
        var untils = reader.ReadList(static from => (Partition: from.ReadString(), Minute: new DateTimeOffset(from.ReadNumber(), TimeSpan.Zero)));
        var tidied = new DateTimeOffset(reader.ReadNumber(), TimeSpan.Zero);
        var counts = NewCounts();
        reader.ReadCounts(counts);
        return new ClientLedgerState(untils.ToDictionary(until => until.Partition, until => until.Minute, StringComparer.Ordinal), counts, tidied, row.ETag);
    });

    /// <summary>Counts that tell apart what dashboards tell apart.</summary>
    public static LedgerCounts NewCounts() => new(LedgerTotals.MostSources, 20_000);
}
