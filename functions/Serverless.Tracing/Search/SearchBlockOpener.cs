using System.Buffers.Binary;
using System.IO.Compression;
using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Search;

/// <summary>Takes search blocks (<see cref="SearchBlockFormat"/>) out of their wrapping: version, checksum, compression. Keeps its memory.</summary>
internal sealed class SearchBlockOpener
{
    private byte[] _unpacked = [];

    /// <summary>Checks a block and uncompresses it; what is read of it holds until the next one is opened.</summary>
    /// <exception cref="FrameFormatException">The block is damaged.</exception>
    public void Open(ReadOnlyMemory<byte> block, out int count, out ulong newestUs, out ByteSource packed, out ByteSource loose)
    {
        var bytes = block.Span;
        if (bytes.Length <= SearchBlockFormat.HeadBytes)
            throw new FrameFormatException(bytes.Length, "a search block that is cut off");
        if (bytes[0] != SearchBlockFormat.Version)
            throw new FrameFormatException(0, $"a search block of version {bytes[0]} where {SearchBlockFormat.Version} was expected");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]) != EventEnvelope.Crc32C(bytes[SearchBlockFormat.HeadBytes..]))
            throw new FrameFormatException(1, "another CRC than that of the search block");
        var source = new ByteSource(bytes[SearchBlockFormat.HeadBytes..]);
        var codec = source.Byte();
        count = source.Count();
        newestUs = source.Varint();
        var unpackedLength = source.Index(SearchBlockFormat.MaxUnpackedBytes + 1);
        var packedLength = source.Count();
        var packedAt = SearchBlockFormat.HeadBytes + source.Position;
        source.Bytes(packedLength);
        loose = new ByteSource(bytes[(packedAt + packedLength)..]);
        if ((long)count * SearchBlockFormat.LeastBytesPerDigest > loose.Remaining)
            throw new FrameFormatException(packedAt, $"{count} digests, more than fit");
        packed = new ByteSource(Unpack(block.Slice(packedAt, packedLength), codec, unpackedLength));
    }

    private ReadOnlySpan<byte> Unpack(ReadOnlyMemory<byte> packed, byte codec, int length)
    {
        switch (codec)
        {
            case SearchBlockFormat.CodecNone when packed.Length == length:
                return packed.Span;
            case SearchBlockFormat.CodecBrotli:
                if (_unpacked.Length < length)
                    _unpacked = new byte[Math.Max(length, _unpacked.Length * 2)];
                if (!BrotliDecoder.TryDecompress(packed.Span, _unpacked.AsSpan(0, length), out var written) || written != length)
                    throw new FrameFormatException(SearchBlockFormat.HeadBytes, "a block that does not decompress");
                return _unpacked.AsSpan(0, length);
            default:
                throw new FrameFormatException(SearchBlockFormat.HeadBytes, $"codec {codec} with {packed.Length} bytes for {length}");
        }
    }
}
