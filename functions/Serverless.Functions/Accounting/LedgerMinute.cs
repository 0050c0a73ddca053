using System.Globalization;
using Serverless.Functions.Accounting.Clients;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>
/// What the ledger knows of the events that a partition of the hub took in one minute; of a closed minute it is a row of table <c>ledger</c>. What came
/// after the minute was closed is a row of its own beside it, to be added.
/// </summary>
public sealed class LedgerMinute
{
    /// <summary>What stands for the partition where counts are of all partitions: the finalizer's, and what senders lost.</summary>
    public const string OfAll = "";

    private const byte Version = 1;
    private const int MostSources = 3_000;
    private const int MostChars = 150_000;
    private const int MostRanges = 1_000;
    private const string MinuteFormat = "yyyyMMddHHmm";

    // Counts of spans whose event does not say who sent them.
    private static readonly LedgerSource Unknown = new(0, "", "", "");

    /// <summary>A minute without events.</summary>
    public LedgerMinute(string partition, DateTimeOffset minute)
    {
        Partition = partition;
        Minute = minute;
    }

    /// <summary>The partition of the hub <c>spans</c>.</summary>
    public string Partition { get; }

    /// <summary>The minute in which the hub took the events.</summary>
    public DateTimeOffset Minute { get; }

    /// <summary>How many events there are, each counted once.</summary>
    public long Events { get; private set; }

    /// <summary>How many bytes they have.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many events of up to 64 KB the hub bills for them.</summary>
    public long HubUnits { get; private set; }

    /// <summary>Events that could not be decoded.</summary>
    public long QuarantinedEvents { get; private set; }

    /// <summary>What became of the spans, by source.</summary>
    public LedgerCounts Counts { get; } = new(MostSources, MostChars);

    /// <summary>What senders told of themselves, of which the ledger makes losses.</summary>
    internal ClientReports Clients { get; } = new();

    /// <summary>From the moment a request came to the moment its spans were written, in nanoseconds, by span.</summary>
    public ExponentialHistogram Latency { get; } = new();

    /// <summary>Events before these that no receipt covers.</summary>
    public List<SequenceRange> Holes { get; } = [];

    /// <summary>Events that more than one receipt covers: they were delivered again.</summary>
    public List<SequenceRange> Overlaps { get; } = [];

    /// <summary>Events of holes told before that a receipt covers after all.</summary>
    public List<SequenceRange> Filled { get; } = [];

    /// <summary>The batches that were counted.</summary>
    public List<BatchId> Batches { get; } = [];

    /// <summary>The first sequence number, or -1 for no event.</summary>
    public long FirstSequence { get; private set; } = -1;

    /// <summary>The number behind the last event that is counted in this or an earlier minute.</summary>
    public long Next { get; private set; }

    /// <summary>Spans that are neither stored nor accounted for; there should be none.</summary>
    public long Remainder => Counts.Sum(LedgerStage.Accepted) + Counts.Sum(LedgerStage.Resent)
        - Counts.Sum(LedgerStage.Stored) - Counts.Sum(LedgerStage.Quarantined) - Counts.Sum(LedgerStage.Discarded);

    /// <summary>The keys of a minute's rows, and of those of later ones.</summary>
    public static string KeyOf(DateTimeOffset minute) => minute.UtcDateTime.ToString(MinuteFormat, CultureInfo.InvariantCulture);

    /// <summary>The minute that such a key begins with.</summary>
    internal static DateTimeOffset MinuteOf(ReadOnlySpan<char> key) => new(DateTime.ParseExact(
        key[..MinuteFormat.Length], MinuteFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal));

    /// <summary>The first minute that does not begin before a time.</summary>
    internal static DateTimeOffset CeilingOf(DateTimeOffset time)
    {
        var over = time.UtcTicks % TimeSpan.TicksPerMinute;
        return new DateTimeOffset(over == 0 ? time.UtcTicks : time.UtcTicks - over + TimeSpan.TicksPerMinute, TimeSpan.Zero);
    }

    /// <summary>Counts an event that was not counted before.</summary>
    /// <param name="e">The event.</param>
    /// <param name="section">What it tells.</param>
    /// <param name="assembledAt">When it was written.</param>
    /// <param name="isResent">Whether the hub has it twice, and it was counted as the other.</param>
    public void Count(in LedgerEvent e, LedgerSection section, DateTimeOffset assembledAt, bool isResent)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (FirstSequence < 0)
            FirstSequence = e.Sequence;
        Events++;
        Bytes += e.Bytes;
        HubUnits += EventHub.UnitsOf(e.Bytes);
        QuarantinedEvents += e.IsQuarantined ? 1 : 0;
        var became = e.IsQuarantined ? LedgerStage.Quarantined : LedgerStage.Stored;
        var told = 0L;
        foreach (var (key, count) in section.Counts)
        {
            if (key.Stage == LedgerStage.Accepted)
            {
                told += count;
                Counts.Add(key.Source, isResent ? LedgerStage.Resent : LedgerStage.Accepted, LedgerReason.None, count);
                Counts.Add(key.Source, became, LedgerReason.None, count);
            }
            else if (!isResent)
                Counts.Add(key, count);
        }

        // An event from before the ledger, or one that is too damaged to tell who sent it.
        if (told == 0 && e.Spans > 0)
        {
            told = e.Spans;
            Counts.Add(Unknown, isResent ? LedgerStage.Resent : LedgerStage.Accepted, LedgerReason.None, told);
            Counts.Add(Unknown, became, LedgerReason.None, told);
        }

        // Three counts of the same spans: at ingest by source, in the envelope, and in the frames. Where they differ, it shows.
        var found = e.IsQuarantined ? e.Spans : e.Found;
        Counts.Add(Unknown, became, LedgerReason.None, found - told);
        Counts.Add(Unknown, LedgerStage.Discarded, LedgerReason.CountMismatch, e.Spans - found);

        if (isResent)
            return;
        foreach (var report in section.Reports)
            Counts.Add(report.Source, LedgerStage.ClientReportsDropped, LedgerReason.None, Clients.TryAdd(report) ? 0 : 1);
        foreach (var report in section.Series)
            Counts.Add(report.Source, LedgerStage.ClientReportsDropped, LedgerReason.None, Clients.TryAdd(report) ? 0 : 1);
        foreach (var request in section.Requests)
        {
            Counts.Add(Unknown, LedgerStage.Requests, LedgerReason.None, request.Here == request.Accepted ? 1 : 0);
            if (!e.IsQuarantined)
                Latency.Add((long)Math.Max(0, (assembledAt - request.Id.Time).TotalNanoseconds), request.Here);
        }
    }

    /// <summary>Counts an event that was counted before: it was delivered again.</summary>
    public void CountReplay(in LedgerEvent e, LedgerSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        Join(Overlaps, e.Sequence);
        if (e.IsQuarantined)
            return;
        var told = 0L;
        foreach (var (key, count) in section.Counts)
        {
            if (key.Stage != LedgerStage.Accepted)
                continue;
            told += count;
            Counts.Add(key.Source, LedgerStage.Replayed, LedgerReason.None, count);
        }

        Counts.Add(Unknown, LedgerStage.Replayed, LedgerReason.None, e.Found - told);
    }

    /// <summary>Says that an event fills a hole told before.</summary>
    public void Fill(long sequence) => Join(Filled, sequence);

    /// <summary>Says how far the partition is counted.</summary>
    public void Reach(long next) => Next = Math.Max(Next, next);

    /// <summary>The row of the closed minute, or, with a batch, of what came of it later.</summary>
    public StoredRow ToRow(BatchId? late = null) => new(
        late is { } batch ? $"{KeyOf(Minute)}|{batch}" : KeyOf(Minute),
        RowContent.Write(Version, writer =>
        {
            foreach (var number in (ReadOnlySpan<long>)[Events, Bytes, HubUnits, QuarantinedEvents, FirstSequence, Next])
                writer.WriteNumber(number);
            writer.WriteCounts(Counts);
            WriteLatency(writer, Latency);
            foreach (var ranges in (ReadOnlySpan<List<SequenceRange>>)[Holes, Overlaps, Filled])
                writer.WriteList(ranges, static (to, range) => { to.WriteNumber(range.First); to.WriteNumber(range.Last); });
            writer.WriteList(Batches, static (to, batch) => { to.WriteNumber(batch.FirstSequence); to.WriteNumber(batch.LastSequence); });
            if (!Clients.IsEmpty)
                Clients.Write(writer);
        }));

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is something else, or damaged.</exception>
    public static LedgerMinute FromRow(string partition, StoredRow row) =>
        RowContent.Read(row.Data, Version, $"minute of the ledger (row {row.RowKey})", reader =>
        {
            var read = new LedgerMinute(partition, MinuteOf(row.RowKey))
            {
                Events = reader.ReadNumber(), Bytes = reader.ReadNumber(), HubUnits = reader.ReadNumber(), QuarantinedEvents = reader.ReadNumber(),
                FirstSequence = reader.ReadNumber(), Next = reader.ReadNumber(),
            };
            reader.ReadCounts(read.Counts);
            ReadLatency(reader, read.Latency);
            foreach (var ranges in (ReadOnlySpan<List<SequenceRange>>)[read.Holes, read.Overlaps, read.Filled])
                ranges.AddRange(reader.ReadList(static from => new SequenceRange(from.ReadNumber(), from.ReadNumber())));
            read.Batches.AddRange(reader.ReadList(from => new BatchId(partition, from.ReadNumber(), from.ReadNumber())));
            if (reader.BaseStream.Position < reader.BaseStream.Length)
                read.Clients.Read(reader);
            return read;
        });

    internal static void WriteLatency(BinaryWriter writer, ExponentialHistogram latency)
    {
        writer.WriteNumber(latency.ZeroCount);
        writer.WriteNumber(latency.FirstBucket);
        writer.WriteNumber(latency.Buckets.Length);
        foreach (var count in latency.Buckets)
            writer.WriteNumber(count);
    }

    internal static void ReadLatency(BinaryReader reader, ExponentialHistogram latency)
    {
        if (reader.ReadNumber() is > 0 and var zeros)
            latency.Add(0, zeros);
        var first = (int)reader.ReadNumber();
        for (var (i, count) = (0, reader.ReadCount()); i < count; i++)
        {
            // Within the bucket, so that it falls into the same one again.
            if (reader.ReadNumber() is > 0 and var times)
                latency.Add((long)Math.Sqrt(ExponentialHistogram.LowerBoundOf(first + i) * ExponentialHistogram.UpperBoundOf(first + i)), times);
        }
    }

    private static void Join(List<SequenceRange> ranges, long sequence)
    {
        if (ranges.Count > 0 && ranges[^1].Last == sequence - 1)
            ranges[^1] = ranges[^1] with { Last = sequence };
        else if (ranges.Count < MostRanges)
            ranges.Add(new SequenceRange(sequence, sequence));
    }
}
