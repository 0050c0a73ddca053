using System.Buffers.Binary;
using System.IO.Compression;
using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Search;

/// <summary>Wraps the columns of a search block (<see cref="SearchBlockFormat"/>): compression, checksum, version. Keeps its memory.</summary>
internal sealed class SearchBlockPacker
{
    private const int LeastPackedBytesToCompress = 200;
    private const int BrotliQuality = 1;
    private const int BrotliWindowBits = 18;

    private readonly ByteSink _head = new();
    private byte[] _compressed = new byte[16 * 1024];

    /// <summary>Makes a block of its columns; false where it would be larger than a block may be.</summary>
    public bool TryPack(int digests, ulong newestUs, ByteSink columns, ByteSink loose, out byte[] bytes)
    {
        bytes = [];
        if (columns.Length > SearchBlockFormat.MaxUnpackedBytes)
            return false;
        var packed = Compress(columns, out var codec);
        _head.Reset();
        _head.Byte(codec);
        _head.Varint(digests);
        _head.Varint(newestUs);
        _head.Varint(columns.Length);
        _head.Varint(packed.Length);
        var length = SearchBlockFormat.HeadBytes + _head.Length + packed.Length + loose.Length;
        if (length > SearchBlock.MaxBytes)
            return false;
        bytes = new byte[length];
        var rest = bytes.AsSpan(SearchBlockFormat.HeadBytes);
        _head.Written.CopyTo(rest);
        packed.CopyTo(rest[_head.Length..]);
        loose.Written.CopyTo(rest[(_head.Length + packed.Length)..]);
        bytes[0] = SearchBlockFormat.Version;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), EventEnvelope.Crc32C(rest));
        return true;
    }

    private ReadOnlySpan<byte> Compress(ByteSink columns, out byte codec)
    {
        codec = SearchBlockFormat.CodecNone;
        if (columns.Length < LeastPackedBytesToCompress)
            return columns.Written;
        if (_compressed.Length < columns.Length)
            _compressed = new byte[columns.Length * 2];
        // What does not fit into fewer bytes is kept as it is.
        if (!BrotliEncoder.TryCompress(columns.Written, _compressed.AsSpan(0, columns.Length - 1), out var length, BrotliQuality, BrotliWindowBits))
            return columns.Written;
        codec = SearchBlockFormat.CodecBrotli;
        return _compressed.AsSpan(0, length);
    }
}
