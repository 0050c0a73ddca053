using System.Buffers;
using System.Text;
using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Ledger;

/// <summary>Writes sections as bytes; keeps its memory. Used by one at a time.</summary>
/// <remarks>
/// <code>
/// section  = version:byte length:varint main samples         length counts main
/// main     = n source*n  n entry*n  base:varint n request*n  n report*n  [n series*n]   the last from version 2 on
/// source   = protocol:byte service:text sender:text instance:text
/// entry    = source:varint stage:byte reason:byte count:zigzag
/// request  = ms:zigzag random:6 accepted:varint here:varint  ms after base; base in milliseconds since 1970
/// report   = source:varint client:text seqNo:zigzag has:byte [fullQueue:zigzag tooLarge:zigzag sendFailures:zigzag]
/// series   = source:varint hash:16 cause:byte start:8 time:8 value:varint
/// samples  = n sample*n
/// sample   = ms:varint random:6 source reason:byte status:varint message:text path:text type:text encoding:text
///            length:zigzag n byte*n
/// text     = n utf8*n
/// </code>
/// The samples stand apart: they go to a table of their own. A section without series is written as version 1, which all that is running can read.
/// </remarks>
public sealed class LedgerSectionWriter
{
    internal const byte Version = 1;
    internal const byte VersionWithSeries = 2;

    private const int LargestKeptBytes = 1 << 18;

    private readonly ByteSink _main = new();
    private readonly ByteSink _all = new();
    private readonly Dictionary<LedgerSource, int> _sources = [];
    private readonly List<LedgerSource> _ordered = [];

    /// <summary>The bytes of a section, none for an empty one; they hold until the next call.</summary>
    public ReadOnlySpan<byte> Write(LedgerSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        _main.Trim(LargestKeptBytes);
        _all.Trim(LargestKeptBytes);
        if (section.IsEmpty)
            return [];
        WriteSources(section);
        _main.Varint(section.Counts.Count);
        foreach (var (key, count) in section.Counts)
        {
            _main.Varint(_sources[key.Source]);
            _main.Byte((byte)key.Stage);
            _main.Byte((byte)key.Reason);
            _main.Varint(Varints.ZigZag(count));
        }

        WriteRequests(section.Requests);
        WriteReports(section.Reports);
        if (section.Series.Count > 0)
            WriteSeries(section.Series);
        _all.Byte(section.Series.Count > 0 ? VersionWithSeries : Version);
        _all.Varint(_main.Length);
        _all.Bytes(_main.Written);
        WriteSamples(section.Samples);
        return _all.Written;
    }

    private void WriteSources(LedgerSection section)
    {
        _sources.Clear();
        _ordered.Clear();
        foreach (var (key, _) in section.Counts)
            Number(key.Source);
        foreach (var report in section.Reports)
            Number(report.Source);
        foreach (var report in section.Series)
            Number(report.Source);
        _main.Varint(_ordered.Count);
        foreach (var source in _ordered)
            WriteSource(_main, source);
    }

    private void Number(LedgerSource source)
    {
        if (_sources.TryAdd(source, _ordered.Count))
            _ordered.Add(source);
    }

    private void WriteRequests(List<LedgerRequest> requests)
    {
        var baseMs = requests.Count == 0 ? 0 : requests[0].Id.TimeMs;
        _main.Varint((ulong)baseMs);
        _main.Varint(requests.Count);
        foreach (var request in requests)
        {
            _main.Varint(Varints.ZigZag(request.Id.TimeMs - baseMs));
            WriteRandom(_main, request.Id);
            _main.Varint(request.Accepted);
            _main.Varint(request.Here);
        }
    }

    private void WriteReports(List<LedgerClientReport> reports)
    {
        _main.Varint(reports.Count);
        foreach (var report in reports)
        {
            _main.Varint(_sources[report.Source]);
            Text(_main, report.ClientId);
            _main.Varint(Varints.ZigZag(report.SeqNo));
            _main.Byte((byte)(report.Drops is null ? 0 : 1));
            if (report.Drops is not { } drops)
                continue;
            _main.Varint(Varints.ZigZag(drops.FullQueue));
            _main.Varint(Varints.ZigZag(drops.TooLarge));
            _main.Varint(Varints.ZigZag(drops.SendFailures));
        }
    }

    private void WriteSeries(List<LedgerSeriesReport> series)
    {
        _main.Varint(series.Count);
        foreach (var report in series)
        {
            _main.Varint(_sources[report.Source]);
            _main.Fixed64((ulong)(report.Series >> 64));
            _main.Fixed64((ulong)report.Series);
            _main.Byte((byte)report.Cause);
            _main.Fixed64(report.StartNs);
            _main.Fixed64(report.TimeNs);
            _main.Varint((ulong)report.Value);
        }
    }

    private void WriteSamples(List<LedgerSample> samples)
    {
        _all.Varint(samples.Count);
        foreach (var sample in samples)
            Write(_all, sample);
    }

    private static void Write(ByteSink to, LedgerSample sample)
    {
        to.Varint((ulong)sample.Id.TimeMs);
        WriteRandom(to, sample.Id);
        WriteSource(to, sample.Source);
        to.Byte((byte)sample.Reason);
        to.Varint(sample.Status);
        Text(to, Cut(sample.Message));
        Text(to, Cut(sample.Path));
        Text(to, Cut(sample.ContentType));
        Text(to, Cut(sample.ContentEncoding));
        to.Varint(Varints.ZigZag(sample.BodyLength));
        to.Varint(sample.Body.Length);
        to.Bytes(sample.Body);
    }

    /// <summary>A sample alone, as its row holds it.</summary>
    public static byte[] Write(LedgerSample sample)
    {
        var sink = new ByteSink();
        sink.Byte(Version);
        Write(sink, sample);
        return sink.Written.ToArray();
    }

    private static void WriteSource(ByteSink to, LedgerSource source)
    {
        to.Byte((byte)source.Protocol);
        Text(to, source.Service);
        Text(to, source.Sender);
        Text(to, source.Instance);
    }

    private static void WriteRandom(ByteSink to, ReceiptId id)
    {
        Span<byte> random = stackalloc byte[ReceiptId.RandomBytes];
        id.WriteRandom(random);
        to.Bytes(random);
    }

    private static string Cut(string text) => text.Length <= LedgerSample.LongestText ? text : text[..LedgerSample.LongestText];

    private static void Text(ByteSink to, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        to.Varint(length);
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        Encoding.UTF8.GetBytes(text, bytes);
        to.Bytes(bytes.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
