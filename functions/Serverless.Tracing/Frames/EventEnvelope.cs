using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Serverless.Tracing.Frames;

/// <summary>
/// The body of an event of the hub <c>spans</c>: frames of any number of traces, compressed together.
/// </summary>
/// <remarks>
/// <code>
/// event = 'S' 'F' version:byte codec:byte spans:4 traces:4 length:4 crc:4 payload     numbers little-endian
/// </code>
/// Codec 0 is none, 1 is DEFLATE (RFC 1951). Length and CRC-32C (RFC 3720) are those of the uncompressed payload.
/// </remarks>
public static class EventEnvelope
{
    /// <summary>The bytes before the payload.</summary>
    public const int HeaderBytes = 20;

    /// <summary>The most bytes that a payload may have uncompressed; what claims more is damaged.</summary>
    public const int MaxPayloadBytes = 64 << 20;

    private const byte Version = 1;
    private const byte CodecNone = 0;
    private const byte CodecDeflate = 1;

    /// <summary>Writes an event of frames into a stream that is at its start.</summary>
    public static void Write(ReadOnlySpan<byte> frames, int spans, int traces, MemoryStream output)
    {
        output.SetLength(HeaderBytes);
        output.Position = HeaderBytes;
        using (var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(frames);

        var codec = CodecDeflate;
        if (output.Length - HeaderBytes >= frames.Length)
        {
            codec = CodecNone;
            output.SetLength(HeaderBytes);
            output.Position = HeaderBytes;
            output.Write(frames);
        }

        var header = output.GetBuffer().AsSpan(0, HeaderBytes);
        header[0] = (byte)'S';
        header[1] = (byte)'F';
        header[2] = Version;
        header[3] = codec;
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], spans);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], traces);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], frames.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32C(frames));
    }

    /// <summary>Reads an event: checks it and uncompresses its frames into a buffer that grows as needed.</summary>
    /// <returns>The number of spans that the event says it has.</returns>
    /// <exception cref="FrameFormatException">The event is damaged, or is none.</exception>
    public static int Read(ReadOnlyMemory<byte> body, ref byte[] buffer, out int length)
    {
        var header = body.Span;
        if (header.Length < HeaderBytes || header[0] != 'S' || header[1] != 'F')
            throw new FrameFormatException(0, "no event of spans");
        if (header[2] != Version)
            throw new FrameFormatException(2, $"event version {header[2]} where {Version} was expected");
        var spans = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        length = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (length is < 0 or > MaxPayloadBytes || spans < 0)
            throw new FrameFormatException(12, $"a payload of {length} bytes");
        if (buffer.Length < length)
            buffer = new byte[BitOperations.RoundUpToPowerOf2((uint)length)];
        var payload = body[HeaderBytes..];
        switch (header[3])
        {
            case CodecNone when payload.Length == length:
                payload.Span.CopyTo(buffer);
                break;
            case CodecDeflate:
                Inflate(payload, buffer.AsSpan(0, length));
                break;
            default:
                throw new FrameFormatException(3, $"codec {header[3]} with {payload.Length} bytes");
        }

        if (Crc32C(buffer.AsSpan(0, length)) != BinaryPrimitives.ReadUInt32LittleEndian(header[16..]))
            throw new FrameFormatException(16, "another CRC than that of the payload");
        return spans;
    }

    /// <summary>CRC-32C of some bytes.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (var rest in bytes[(words.Length * 8)..])
            crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }

    /// <summary>Inflates a payload to just as many bytes as there is room for.</summary>
    private static void Inflate(ReadOnlyMemory<byte> payload, Span<byte> into)
    {
        if (!MemoryMarshal.TryGetArray(payload, out var segment))
            segment = payload.ToArray();
        try
        {
            using var inflate = new DeflateStream(new MemoryStream(segment.Array!, segment.Offset, segment.Count), CompressionMode.Decompress);
            inflate.ReadExactly(into);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new FrameFormatException(HeaderBytes, $"a payload that does not inflate ({e.Message})");
        }
    }
}
