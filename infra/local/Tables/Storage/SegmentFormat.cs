using System.Buffers.Binary;
using System.IO.Compression;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// The format of segment files: sorted, immutable rows.
/// <code>
/// data blocks and index blocks, in the order of their keys (an index block follows the data blocks that it leads to)
/// filter pages   all of one size, one after the other
/// summary        what <see cref="SegmentSummary"/> holds, with the last key and handle of every index block
/// footer         handle of the summary: offset i64, length i32; magic u32
/// </code>
/// Every block ends with a trailer: how it is stored (0 plain, 1 a content length i32 and Brotli, RFC 7932), and the CRC-32C of
/// what is stored and that byte. Brotli at its second lowest level makes blocks of trace rows a quarter smaller than deflate's
/// lowest, in the time that deflate takes.
/// </summary>
internal static class SegmentFormat
{
    public const int BlockBytes = 128 * 1024;
    public const int TrailerBytes = 5;
    public const int FooterBytes = 16;

    /// <summary>"TSEG".</summary>
    public const uint Magic = 0x47455354;

    public const byte Plain = 0;
    public const byte Compressed = 1;

    /// <summary>The content of a stored block.</summary>
    /// <exception cref="InvalidDataException">It is not what was written.</exception>
    public static Block Open(byte[] stored, int length, BlockBuffers buffers)
    {
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(stored.AsSpan(length - 4));
        if (crc != Crc32C.Compute(stored.AsSpan(0, length - 4)))
            throw new InvalidDataException("its checksum does not match");
        var body = length - TrailerBytes;
        if (stored[body] == Plain)
            return new Block(stored, body);
        var contentLength = BinaryPrimitives.ReadInt32LittleEndian(stored);
        var content = buffers.Content(contentLength);
        if (!BrotliDecoder.TryDecompress(stored.AsSpan(4, body - 4), content.AsSpan(0, contentLength), out var written) || written != contentLength)
            throw new InvalidDataException("its content does not decompress");
        return new Block(content, contentLength);
    }
}
