using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Aggregation;

/// <summary>Writes aggregate blocks (<see cref="AggregateBlockFormat"/>). Keeps its memory.</summary>
/// <param name="names">The names by their number.</param>
internal sealed class AggregateBlockWriter(List<string> names)
{
    private const int LeastBytesToCompress = 400;
    private const int BrotliQuality = 1;
    private const int BrotliWindowBits = 18;
    private const int MostPackedBytes = AggregateBlock.MaxBytes - AggregateBlockFormat.MaxOverheadBytes;

    private readonly ByteSink _points = new();
    private readonly ByteSink _series = new();
    private readonly ByteSink _all = new();
    private readonly ByteSink _head = new();
    private readonly Dictionary<int, int> _local = [];
    private readonly List<int> _localNames = [];
    private byte[] _compressed = [];
    private int _nameBytes;
    private int _part;

    /// <summary>Begins the blocks of an hour.</summary>
    public void BeginHour()
    {
        _part = 0;
        _points.Reset();
        BeginBlock();
    }

    /// <summary>Writes a minute of the series that <see cref="EndSeries"/> ends.</summary>
    public void WriteRed(int minute, RedSums sums, ExponentialHistogram durations)
    {
        _points.Byte((byte)minute);
        _points.Signed(sums.Calls);
        _points.Signed(sums.Errors);
        _points.Wide(sums.DurationNs);
        _points.Signed(durations.ZeroCount);
        var counts = durations.Buckets;
        _points.Varint(counts.Length - counts.Count(0));
        var next = ExponentialHistogram.LowestBucket;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0)
                continue;
            var skipped = durations.FirstBucket + i - next;
            next = durations.FirstBucket + i + 1;
            _points.Varint((skipped << 1) | (counts[i] == 1 ? 0 : 1));
            if (counts[i] != 1)
                _points.Signed(counts[i]);
        }
    }

    /// <summary>Writes a minute of the series that <see cref="EndSeries"/> ends.</summary>
    public void WriteLink(int minute, LinkSums sums)
    {
        _points.Byte((byte)minute);
        _points.Signed(sums.Calls);
        _points.Signed(sums.Errors);
        _points.Signed(sums.TimedCalls);
        _points.Wide(sums.DurationNs);
    }

    /// <summary>Ends a series, and with it the block where the series does not fit any more.</summary>
    public void EndSeries(List<AggregateBlock> blocks, AggregateKind kind, long hour, int first, int second, int spanKind)
    {
        var most = _points.Length + NameBytes(first) + NameBytes(second) + (4 * Varints.MaxBytes);
        if (_series.Length > 0 && _nameBytes + _series.Length + most > MostPackedBytes)
            EndBlock(blocks, kind, hour);
        _series.Varint(Local(first));
        _series.Varint(Local(second));
        if (kind == AggregateKind.Red)
            _series.Byte((byte)spanKind);
        _series.Varint(_points.Length);
        _series.Bytes(_points.Written);
        _points.Reset();
    }

    /// <summary>Ends a block if anything is in it.</summary>
    public void EndBlock(List<AggregateBlock> blocks, AggregateKind kind, long hour)
    {
        if (_series.Length == 0)
            return;
        _all.Reset();
        _all.Varint(_localNames.Count);
        foreach (var name in _localNames)
            WriteName(names[name]);
        _all.Bytes(_series.Written);
        blocks.Add(new AggregateBlock(kind, hour, _part++, Pack(kind, hour)));
        BeginBlock();
    }

    private void BeginBlock()
    {
        _series.Reset();
        _local.Clear();
        _localNames.Clear();
        _nameBytes = Varints.MaxBytes;
    }

    private int NameBytes(int name) => Varints.MaxBytes + Encoding.UTF8.GetMaxByteCount(names[name].Length);

    private int Local(int name)
    {
        if (_local.TryGetValue(name, out var local))
            return local;
        _nameBytes += NameBytes(name);
        _localNames.Add(name);
        return _local[name] = _localNames.Count - 1;
    }

    private void WriteName(string name)
    {
        Span<byte> utf8 = stackalloc byte[Encoding.UTF8.GetMaxByteCount(AggregateName.MaxChars)];
        var length = Encoding.UTF8.GetBytes(name, utf8);
        _all.Varint(length);
        _all.Bytes(utf8[..length]);
    }

    private byte[] Pack(AggregateKind kind, long hour)
    {
        var packed = Compress(out var codec);
        _head.Reset();
        _head.Byte((byte)kind);
        _head.Byte(codec);
        _head.Varint((ulong)hour);
        _head.Varint(_all.Length);
        var bytes = new byte[AggregateBlockFormat.HeadBytes + _head.Length + packed.Length];
        var rest = bytes.AsSpan(AggregateBlockFormat.HeadBytes);
        _head.Written.CopyTo(rest);
        packed.CopyTo(rest[_head.Length..]);
        bytes[0] = AggregateBlockFormat.Version;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), EventEnvelope.Crc32C(rest));
        return bytes;
    }

    private ReadOnlySpan<byte> Compress(out byte codec)
    {
        codec = AggregateBlockFormat.CodecNone;
        if (_all.Length < LeastBytesToCompress)
            return _all.Written;
        if (_compressed.Length < _all.Length)
            _compressed = new byte[_all.Length * 2];
        // What does not fit into fewer bytes is kept as it is.
        if (!BrotliEncoder.TryCompress(_all.Written, _compressed.AsSpan(0, _all.Length - 1), out var length, BrotliQuality, BrotliWindowBits))
            return _all.Written;
        codec = AggregateBlockFormat.CodecBrotli;
        return _compressed.AsSpan(0, length);
    }
}
