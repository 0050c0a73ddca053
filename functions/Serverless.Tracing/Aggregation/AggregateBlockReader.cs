using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Aggregation;

/// <summary>Reads aggregate blocks (<see cref="AggregateBlockFormat"/>). Keeps its memory, and the names it met; used by one reader at a time.</summary>
public sealed class AggregateBlockReader
{
    private const int MostKeptNames = 1 << 15;

    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _keptBySpan;
    private readonly ExponentialHistogram _durations = new();
    private byte[] _unpacked = [];
    private char[] _chars = [];
    private string[] _names = [];

    /// <summary>Makes one.</summary>
    public AggregateBlockReader() => _keptBySpan = _kept.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Reads a block.</summary>
    /// <param name="block">The bytes of an <see cref="AggregateBlock"/>.</param>
    /// <param name="sink">Takes the counts. Where the block turns out to be damaged it may have taken some.</param>
    /// <exception cref="FrameFormatException">The block is damaged, or a newer version wrote it.</exception>
    public void Read(ReadOnlyMemory<byte> block, IAggregateSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var packed = Open(block, out var kind, out var hour);
        var names = ReadNames(ref packed);
        while (packed.Remaining > 0)
        {
            var (first, second) = (_names[packed.Index(names)], _names[packed.Index(names)]);
            var spanKind = kind == AggregateKind.Red ? ReadKind(ref packed) : default;
            var points = new ByteSource(packed.Bytes(packed.Count()));
            var isWanted = kind == AggregateKind.Red ? sink.BeginRed(first, second, spanKind) : sink.BeginLink(first, second);
            var before = -1;
            while (isWanted && points.Remaining > 0)
            {
                int minute = points.Byte();
                if (minute <= before || minute >= AggregateBlockFormat.MinutesPerHour)
                    throw new FrameFormatException(points.Position, $"minute {minute} behind minute {before}");
                before = minute;
                var at = (hour * AggregateBlockFormat.MinutesPerHour) + minute;
                if (kind == AggregateKind.Red)
                    sink.AddRed(at, ReadRed(ref points), _durations);
                else
                    sink.AddLink(at, new LinkSums(points.Signed(), points.Signed(), points.Signed(), points.Wide()));
            }
        }
    }

    private ByteSource Open(ReadOnlyMemory<byte> block, out AggregateKind kind, out long hour)
    {
        var bytes = block.Span;
        if (bytes.Length <= AggregateBlockFormat.HeadBytes)
            throw new FrameFormatException(bytes.Length, "an aggregate block that is cut off");
        if (bytes[0] != AggregateBlockFormat.Version)
            throw new FrameFormatException(0, $"an aggregate block of version {bytes[0]} where {AggregateBlockFormat.Version} was expected");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]) != EventEnvelope.Crc32C(bytes[AggregateBlockFormat.HeadBytes..]))
            throw new FrameFormatException(1, "another CRC than that of the aggregate block");
        var source = new ByteSource(bytes[AggregateBlockFormat.HeadBytes..]);
        kind = (AggregateKind)source.Byte();
        if (kind is not (AggregateKind.Red or AggregateKind.Links))
            throw new FrameFormatException(AggregateBlockFormat.HeadBytes, $"aggregates of kind {(byte)kind}");
        var codec = source.Byte();
        hour = source.Index(int.MaxValue);
        var length = source.Index(AggregateBlockFormat.MaxUnpackedBytes + 1);
        return new ByteSource(Unpack(bytes[(AggregateBlockFormat.HeadBytes + source.Position)..], codec, length));
    }

    private ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> packed, byte codec, int length)
    {
        switch (codec)
        {
            case AggregateBlockFormat.CodecNone when packed.Length == length:
                return packed;
            case AggregateBlockFormat.CodecBrotli:
                if (_unpacked.Length < length)
                    _unpacked = new byte[Math.Max(length, Math.Min(AggregateBlockFormat.MaxUnpackedBytes, _unpacked.Length * 2))];
                if (!BrotliDecoder.TryDecompress(packed, _unpacked.AsSpan(0, length), out var written) || written != length)
                    throw new FrameFormatException(AggregateBlockFormat.HeadBytes, "an aggregate block that does not decompress");
                return _unpacked.AsSpan(0, length);
            default:
                throw new FrameFormatException(AggregateBlockFormat.HeadBytes, $"codec {codec} with {packed.Length} bytes for {length}");
        }
    }

    private int ReadNames(ref ByteSource source)
    {
        var count = source.Count();
        if (_names.Length < count)
            _names = new string[Math.Max(count, _names.Length * 2)];
        if (_kept.Count > MostKeptNames)
            _kept.Clear();
        for (var i = 0; i < count; i++)
            _names[i] = Keep(source.Bytes(source.Count()));
        return count;
    }

    private string Keep(ReadOnlySpan<byte> utf8)
    {
        if (_chars.Length < utf8.Length)
            _chars = new char[Math.Max(utf8.Length, AggregateName.MaxChars)];
        var chars = _chars.AsSpan(0, Encoding.UTF8.GetChars(utf8, _chars));
        if (_keptBySpan.TryGetValue(chars, out var name))
            return name;
        name = chars.ToString();
        _kept.Add(name);
        return name;
    }

    private static SpanKind ReadKind(ref ByteSource source)
    {
        var kind = (SpanKind)source.Byte();
        return kind <= SpanKind.Consumer ? kind : throw new FrameFormatException(source.Position, $"span kind {(byte)kind}");
    }

    private RedSums ReadRed(ref ByteSource points)
    {
        var sums = new RedSums(points.Signed(), points.Signed(), points.Wide());
        _durations.Clear();
        _durations.AddZeros(points.Signed());
        var bucket = ExponentialHistogram.LowestBucket;
        for (var left = points.Count(); left > 0; left--)
        {
            const int MostBuckets = ExponentialHistogram.HighestBucket - ExponentialHistogram.LowestBucket + 1;
            var token = points.Index(MostBuckets * 2);
            bucket += token >> 1;
            if (bucket > ExponentialHistogram.HighestBucket)
                throw new FrameFormatException(points.Position, $"bucket {bucket}, above {ExponentialHistogram.HighestBucket}");
            _durations.AddToBucket(bucket++, (token & 1) == 0 ? 1 : points.Signed());
        }

        return sums;
    }
}
