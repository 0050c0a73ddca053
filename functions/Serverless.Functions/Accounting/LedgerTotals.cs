using Serverless.Functions.Storage;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>What the ledger counted since it began, retention or not: the sums of closed minutes, of services and senders without their instances.</summary>
public sealed class LedgerTotals
{
    /// <summary>How many sources sums without an end tell apart, which is what dashboards tell apart; more are "(other)".</summary>
    internal const int MostSources = 500;

    private const byte Version = 1;

    private readonly Dictionary<string, long> _expiredBytes = new(StringComparer.Ordinal);

    /// <summary>The counts.</summary>
    public LedgerCounts Counts { get; } = new(MostSources);

    /// <summary>Request to stored, in nanoseconds, by span.</summary>
    public ExponentialHistogram Latency { get; } = new();

    /// <summary>Events of the hub.</summary>
    public long Events { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many events of up to 64 KB the hub bills.</summary>
    public long HubUnits { get; private set; }

    /// <summary>Events that could not be decoded.</summary>
    public long QuarantinedEvents { get; private set; }

    /// <summary>Events that no receipt covers, without those that one covered later.</summary>
    public long Holes { get; private set; }

    /// <summary>Events that several receipts cover.</summary>
    public long Overlaps { get; private set; }

    /// <summary>Spans that are neither stored nor accounted for; only of closed minutes.</summary>
    public long Remainder { get; private set; }

    /// <summary>Bytes that went when retention dropped days, by kind of table; they are not among those kept here.</summary>
    public IReadOnlyDictionary<string, long> ExpiredBytes => _expiredBytes;

    /// <summary>Adds a minute.</summary>
    public void Add(LedgerMinute minute)
    {
        ArgumentNullException.ThrowIfNull(minute);
        foreach (var (key, count) in minute.Counts)
            Counts.Add(key.Source.OfAllInstances(), key.Stage, key.Reason, count);
        Latency.Add(minute.Latency);
        Events += minute.Events;
        Bytes += minute.Bytes;
        HubUnits += minute.HubUnits;
        QuarantinedEvents += minute.QuarantinedEvents;
        Holes += minute.Holes.Sum(range => range.Count) - minute.Filled.Sum(range => range.Count);
        Overlaps += minute.Overlaps.Sum(range => range.Count);
        Remainder += minute.Remainder;
    }

    /// <summary>Adds others.</summary>
    public void Add(LedgerTotals other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Counts.Add(other.Counts);
        Latency.Add(other.Latency);
        Events += other.Events;
        Bytes += other.Bytes;
        HubUnits += other.HubUnits;
        QuarantinedEvents += other.QuarantinedEvents;
        Holes += other.Holes;
        Overlaps += other.Overlaps;
        Remainder += other.Remainder;
    }

    internal void AddExpired(IReadOnlyDictionary<string, long> bytes)
    {
        foreach (var (kind, count) in bytes)
            _expiredBytes[kind] = _expiredBytes.GetValueOrDefault(kind) + count;
    }

    internal byte[] ToBytes(DateTimeOffset until) => RowContent.Write(Version, writer =>
    {
        writer.WriteNumber(until.UtcTicks);
        foreach (var number in (ReadOnlySpan<long>)[Events, Bytes, HubUnits, QuarantinedEvents, Holes, Overlaps, Remainder])
            writer.WriteNumber(number);
        writer.WriteCounts(Counts);
        LedgerMinute.WriteLatency(writer, Latency);
    });

    internal static (LedgerTotals Totals, DateTimeOffset Until) FromRow(StoredRow row) => RowContent.Read(row.Data, Version, "sum of the ledger", reader =>
    {
        var until = new DateTimeOffset(reader.ReadNumber(), TimeSpan.Zero);
        var read = new LedgerTotals
        {
            Events = reader.ReadNumber(), Bytes = reader.ReadNumber(), HubUnits = reader.ReadNumber(), QuarantinedEvents = reader.ReadNumber(),
            Holes = reader.ReadNumber(), Overlaps = reader.ReadNumber(), Remainder = reader.ReadNumber(),
        };
        reader.ReadCounts(read.Counts);
        LedgerMinute.ReadLatency(reader, read.Latency);
        return (read, until);
    });
}
