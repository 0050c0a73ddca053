using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Accounting.Clients;

/// <summary>
/// What senders told of themselves in a minute, as it came: what they lost by it is derived later, when the reports of all partitions of the hub are there
/// (<see cref="ClientLedger"/>). Bounded: beyond that it is left out, and the ledger counts that.
/// </summary>
/// <remarks>
/// <code>
/// reports = n source*n  n client*n  n series*n                  numbers as LEB128
/// source  = protocol service:text sender:text instance:text
/// client  = source hash:16 n batch*n                             batches by number
/// batch   = number (the first) or what it is more than the one before; 0: no totals, 1: as before, 2: three totals
/// series  = source hash:16 cause:byte start time value
/// </code>
/// </remarks>
internal sealed class ClientReports
{
    private const int MostBytes = 256 << 10;
    private const int MostSeries = 2_000;
    private const int MostSourceChars = 10_000;
    private const int ClientBytes = 24;
    private const int BatchBytes = 10;
    private const int TotalsBytes = 30;
    private const byte NoTotals = 0;
    private const byte SameTotals = 1;
    private const byte NewTotals = 2;

    private readonly Dictionary<UInt128, List<NumberedBatch>> _clients = [];
    private readonly List<LedgerSeriesReport> _series = [];
    private readonly HashSet<LedgerSource> _sources = [];
    private int _sourceChars;
    private int _bytes;

    /// <summary>True where nothing was told.</summary>
    public bool IsEmpty => _clients.Count == 0 && _series.Count == 0;

    /// <summary>The batches of clients that number them.</summary>
    public IEnumerable<NumberedBatch> Batches => _clients.Values.SelectMany(batches => batches);

    /// <summary>The running totals.</summary>
    public IReadOnlyList<LedgerSeriesReport> Series => _series;

    /// <summary>Adds a report; false where there is no room.</summary>
    public bool TryAdd(LedgerClientReport report)
    {
        var hash = HashOf(report);
        var isKnown = _clients.TryGetValue(hash, out var batches);
        var isSame = isKnown && batches![^1].Drops == report.Drops;
        var bytes = (isKnown ? 0 : ClientBytes) + BatchBytes + (isSame ? 0 : TotalsBytes);
        if (_bytes + bytes > MostBytes)
            return false;
        _bytes += bytes;
        if (!isKnown)
            _clients.Add(hash, batches = []);
        batches!.Add(new NumberedBatch(Known(report.Source), hash, report.SeqNo, report.Drops));
        return true;
    }

    /// <summary>Adds a running total; false where there is no room.</summary>
    public bool TryAdd(LedgerSeriesReport report)
    {
        if (_series.Count >= MostSeries)
            return false;
        _series.Add(report with { Source = Known(report.Source) });
        return true;
    }

    /// <summary>Writes them into a row.</summary>
    public void Write(BinaryWriter writer)
    {
        LedgerSource[] sources = [.. _sources];
        var numbers = new Dictionary<LedgerSource, int>();
        foreach (var source in sources)
            numbers.Add(source, numbers.Count);
        writer.WriteList(sources, static (to, source) =>
        {
            to.WriteNumber((long)source.Protocol);
            to.Write(source.Service);
            to.Write(source.Sender);
            to.Write(source.Instance);
        });
        writer.WriteList([.. _clients], (to, client) =>
        {
            to.WriteNumber(numbers[client.Value[0].Source]);
            WriteHash(to, client.Key);
            WriteBatches(to, [.. client.Value.OrderBy(batch => batch.SeqNo)]);
        });
        writer.WriteList(_series, (to, report) =>
        {
            to.WriteNumber(numbers[report.Source]);
            WriteHash(to, report.Series);
            to.Write((byte)report.Cause);
            to.WriteNumber((long)report.StartNs);
            to.WriteNumber((long)report.TimeNs);
            to.WriteNumber(report.Value);
        });
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public void Read(BinaryReader reader)
    {
        var sources = reader.ReadList(static from => new LedgerSource((SpanProtocol)from.ReadNumber(), from.ReadString(), from.ReadString(), from.ReadString()));
        _sources.UnionWith(sources);
        for (var left = reader.ReadCount(); left > 0; left--)
        {
            var source = sources[reader.ReadNumber()];
            var hash = ReadHash(reader);
            _clients[hash] = ReadBatches(reader, source, hash);
        }

        for (var left = reader.ReadCount(); left > 0; left--)
        {
            var source = sources[reader.ReadNumber()];
            _series.Add(new LedgerSeriesReport(
                source, ReadHash(reader), (LedgerReason)reader.ReadByte(), (ulong)reader.ReadNumber(), (ulong)reader.ReadNumber(), reader.ReadNumber()));
        }
    }

    internal static void WriteHash(BinaryWriter to, UInt128 hash)
    {
        to.Write((ulong)(hash >> 64));
        to.Write((ulong)hash);
    }

    internal static UInt128 ReadHash(BinaryReader from) => new(from.ReadUInt64(), from.ReadUInt64());

    internal static void WriteDrops(BinaryWriter to, JaegerClientDrops drops)
    {
        to.WriteNumber(drops.FullQueue);
        to.WriteNumber(drops.TooLarge);
        to.WriteNumber(drops.SendFailures);
    }

    internal static JaegerClientDrops ReadDrops(BinaryReader from) => new(from.ReadNumber(), from.ReadNumber(), from.ReadNumber());

    private static void WriteBatches(BinaryWriter to, NumberedBatch[] batches)
    {
        to.WriteNumber(batches.Length);
        var number = 0L;
        JaegerClientDrops? drops = null;
        foreach (var batch in batches)
        {
            to.WriteNumber(unchecked(batch.SeqNo - number));
            number = batch.SeqNo;
            to.Write(batch.Drops is null ? NoTotals : batch.Drops == drops ? SameTotals : NewTotals);
            if (batch.Drops is { } totals && batch.Drops != drops)
                WriteDrops(to, totals);
            drops = batch.Drops ?? drops;
        }
    }

    private static List<NumberedBatch> ReadBatches(BinaryReader from, LedgerSource source, UInt128 hash)
    {
        var batches = new List<NumberedBatch>();
        var number = 0L;
        JaegerClientDrops? drops = null;
        for (var left = from.ReadCount(); left > 0; left--)
        {
            number = unchecked(number + from.ReadNumber());
            var totals = from.ReadByte();
            if (totals == NewTotals)
                drops = ReadDrops(from);
            batches.Add(new NumberedBatch(source, hash, number, totals == NoTotals ? null : drops));
        }

        return batches;
    }

    private LedgerSource Known(LedgerSource source)
    {
        if (_sources.Contains(source))
            return source;
        var chars = source.Service.Length + source.Sender.Length + source.Instance.Length;
        if (_sourceChars + chars > MostSourceChars)
            source = source.Anybody();
        else
            _sourceChars += chars;
        _sources.Add(source);
        return source;
    }

    private static UInt128 HashOf(LedgerClientReport report)
    {
        var bytes = Encoding.UTF8.GetBytes($"{report.Source.Service}\n{report.ClientId}");
        return BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(bytes));
    }
}
