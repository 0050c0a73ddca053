using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Tracing.Ledger;

/// <summary>Reads what <see cref="LedgerSectionWriter"/> wrote. Damage never leads beyond the bytes given: it is a <see cref="FrameFormatException"/>.</summary>
public static class LedgerSectionReader
{
    /// <summary>Reads a section; no bytes are an empty one.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public static LedgerSection Read(ReadOnlySpan<byte> bytes)
    {
        // Whoever wrote it kept its own bounds.
        var section = new LedgerSection(new LedgerCounts(int.MaxValue / 2, int.MaxValue / 2));
        if (bytes.IsEmpty)
            return section;
        var source = new ByteSource(bytes);
        var version = ReadVersion(ref source);
        source.Count();
        var sources = ReadSources(ref source);
        for (var left = source.Count(); left > 0; left--)
        {
            var who = sources[source.Index(sources.Length)];
            var stage = (LedgerStage)source.Byte();
            section.Counts.Add(who, stage, (LedgerReason)source.Byte(), Varints.UnZigZag(source.Varint()));
        }

        ReadRequests(ref source, section);
        ReadReports(ref source, section, sources);
        if (version == LedgerSectionWriter.VersionWithSeries)
            ReadSeries(ref source, section, sources);
        if (source.Remaining == 0)
            return section;
        for (var left = source.Count(); left > 0; left--)
            section.Samples.Add(Sample(ref source));
        return section;
    }

    /// <summary>How many bytes of a section's are all but the samples.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public static int LengthWithoutSamples(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return 0;
        var source = new ByteSource(bytes);
        ReadVersion(ref source);
        var length = source.Count();
        source.Bytes(length);
        return source.Position;
    }

    /// <summary>Reads the samples of a section alone.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public static IReadOnlyList<LedgerSample> ReadSamples(ReadOnlySpan<byte> bytes)
    {
        var at = LengthWithoutSamples(bytes);
        if (at == bytes.Length)
            return [];
        var source = new ByteSource(bytes[at..]);
        var count = source.Count();
        if (count == 0)
            return [];
        var samples = new List<LedgerSample>(Math.Min(count, LedgerSection.MostSamples));
        for (; count > 0; count--)
            samples.Add(Sample(ref source));
        return samples;
    }

    /// <summary>Reads a sample that stands alone.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public static LedgerSample ReadSample(ReadOnlySpan<byte> bytes)
    {
        var source = new ByteSource(bytes);
        ReadVersion(ref source);
        return Sample(ref source);
    }

    private static byte ReadVersion(ref ByteSource source)
    {
        var version = source.Byte();
        if (version is LedgerSectionWriter.Version or LedgerSectionWriter.VersionWithSeries)
            return version;
        throw new FrameFormatException(0, $"a ledger section of version {version} where {LedgerSectionWriter.VersionWithSeries} at most was expected");
    }

    private static LedgerSource[] ReadSources(ref ByteSource source)
    {
        var sources = new LedgerSource[source.Count()];
        for (var i = 0; i < sources.Length; i++)
            sources[i] = Source(ref source);
        return sources;
    }

    private static void ReadRequests(ref ByteSource source, LedgerSection section)
    {
        var baseMs = (long)source.Varint();
        for (var left = source.Count(); left > 0; left--)
        {
            var time = unchecked(baseMs + Varints.UnZigZag(source.Varint()));
            var id = ReceiptId.Of(time, source.Bytes(ReceiptId.RandomBytes));
            section.Requests.Add(new LedgerRequest(id, (int)source.UInt32(), (int)source.UInt32()));
        }
    }

    private static void ReadReports(ref ByteSource source, LedgerSection section, LedgerSource[] sources)
    {
        for (var left = source.Count(); left > 0; left--)
        {
            var who = sources[source.Index(sources.Length)];
            var client = Text(ref source);
            var seqNo = Varints.UnZigZag(source.Varint());
            JaegerClientDrops? drops = source.Byte() == 0
                ? null
                : new JaegerClientDrops(
                    Varints.UnZigZag(source.Varint()), Varints.UnZigZag(source.Varint()), Varints.UnZigZag(source.Varint()));
            section.Reports.Add(new LedgerClientReport(who, client, seqNo, drops));
        }
    }

    private static void ReadSeries(ref ByteSource source, LedgerSection section, LedgerSource[] sources)
    {
        for (var left = source.Count(); left > 0; left--)
        {
            var who = sources[source.Index(sources.Length)];
            var series = new UInt128(source.Fixed64(), source.Fixed64());
            section.Series.Add(new LedgerSeriesReport(
                who, series, (LedgerReason)source.Byte(), source.Fixed64(), source.Fixed64(), (long)(source.Varint() & long.MaxValue)));
        }
    }

    private static LedgerSample Sample(ref ByteSource source)
    {
        var time = (long)source.Varint();
        return new LedgerSample
        {
            Id = ReceiptId.Of(time, source.Bytes(ReceiptId.RandomBytes)),
            Source = Source(ref source),
            Reason = (LedgerReason)source.Byte(),
            Status = (int)source.UInt32(),
            Message = Text(ref source),
            Path = Text(ref source),
            ContentType = Text(ref source),
            ContentEncoding = Text(ref source),
            BodyLength = Varints.UnZigZag(source.Varint()),
            Body = source.Bytes(source.Count()).ToArray(),
        };
    }

    private static LedgerSource Source(ref ByteSource source)
    {
        var protocol = (SpanProtocol)source.Byte();
        return new LedgerSource(protocol, Text(ref source), Text(ref source), Text(ref source));
    }

    private static string Text(ref ByteSource source) => Encoding.UTF8.GetString(source.Bytes(source.Count()));
}
