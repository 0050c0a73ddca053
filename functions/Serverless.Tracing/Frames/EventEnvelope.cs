using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Serverless.Tracing.Frames;

/// <summary>
/// The body of an event of the hub <c>spans</c>: frames of any number of traces and what the ledger is to know of them
/// (<see cref="Ledger.LedgerSection"/>), compressed together.
/// </summary>
/// <remarks>
/// <code>
/// event = 'S' 'F' version:byte codec:byte spans:4 traces:4 length:4 crc:4 [section:4 id:8 attempt:byte] payload
/// payload = frames [ledger section]                      numbers little-endian; what is in brackets, from version 2 on
/// </code>
/// Codec 0 is none, 1 is DEFLATE (RFC 1951). Length is that of the uncompressed payload, section that of its last part. The CRC-32C (RFC 3720) is of
/// the uncompressed payload; from version 2 on of all the numbers of the header before it, but itself and the attempt, which changes when an event is sent again.
/// </remarks>
public static class EventEnvelope
{
    /// <summary>The bytes before the payload.</summary>
    public const int HeaderBytes = 33;

    /// <summary>The most bytes that a payload may have uncompressed; what claims more is damaged.</summary>
    public const int MaxPayloadBytes = 64 << 20;

    /// <summary>The attempt of an event that was sent again long after: out of quarantine.</summary>
    public const int Requeued = 254;

    private const byte Version = 2;
    private const byte FirstVersion = 1;
    private const int FirstHeaderBytes = 20;
    private const int CrcAt = 16;
    private const int SectionAt = 20;
    private const int IdAt = 24;
    private const int AttemptAt = 32;
    private const byte CodecNone = 0;
    private const byte CodecDeflate = 1;

    /// <summary>Writes an event of frames alone into a stream that is at its start.</summary>
    public static void Write(ReadOnlySpan<byte> frames, int spans, int traces, MemoryStream output) =>
        Write(frames, [], spans, traces, 0, output);

    /// <summary>Writes an event into a stream that is at its start.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="section">What the ledger is to know, or nothing.</param>
    /// <param name="spans">How many spans the frames have.</param>
    /// <param name="traces">How many frames there are.</param>
    /// <param name="id">What tells the event from others.</param>
    /// <param name="output">Where to.</param>
    public static void Write(ReadOnlySpan<byte> frames, ReadOnlySpan<byte> section, int spans, int traces, ulong id, MemoryStream output)
    {
        output.SetLength(HeaderBytes);
        output.Position = HeaderBytes;
        using (var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(frames);
            deflate.Write(section);
        }

        var codec = CodecDeflate;
        var length = frames.Length + section.Length;
        if (output.Length - HeaderBytes >= length)
        {
            codec = CodecNone;
            output.SetLength(HeaderBytes);
            output.Position = HeaderBytes;
            output.Write(frames);
            output.Write(section);
        }

        var header = output.GetBuffer().AsSpan(0, HeaderBytes);
        header[0] = (byte)'S';
        header[1] = (byte)'F';
        header[2] = Version;
        header[3] = codec;
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], spans);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], traces);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], length);
        BinaryPrimitives.WriteInt32LittleEndian(header[SectionAt..], section.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[IdAt..], id);
        header[AttemptAt] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(header[CrcAt..], ~Append(Append(HeaderCrc(header), frames), section));
    }

    /// <summary>Writes into a finished event of the present version which sending of it this is; counts up to 253.</summary>
    public static void SetAttempt(Span<byte> body, int attempt) => body[AttemptAt] = (byte)(attempt == Requeued ? attempt : Math.Min(attempt, Requeued - 1));

    /// <summary>Reads an event: checks it and uncompresses its frames into a buffer that grows as needed.</summary>
    /// <returns>The number of spans that the event says it has.</returns>
    /// <exception cref="FrameFormatException">The event is damaged, or is none.</exception>
    public static int Read(ReadOnlyMemory<byte> body, ref byte[] buffer, out int length)
    {
        var content = Read(body, ref buffer);
        length = content.FrameBytes;
        return content.Spans;
    }

    /// <summary>Reads an event: checks it and uncompresses its payload into a buffer that grows as needed.</summary>
    /// <exception cref="FrameFormatException">The event is damaged, or is none.</exception>
    public static EventContent Read(ReadOnlyMemory<byte> body, ref byte[] buffer)
    {
        var content = ReadHeader(body.Span);
        var length = content.FrameBytes + content.SectionBytes;
        if (buffer.Length < length)
            buffer = new byte[BitOperations.RoundUpToPowerOf2((uint)length)];
        var isFirst = content.Version == FirstVersion;
        var payload = body[(isFirst ? FirstHeaderBytes : HeaderBytes)..];
        var header = body.Span;
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

        var crc = ~Append(isFirst ? uint.MaxValue : HeaderCrc(header), buffer.AsSpan(0, length));
        if (crc != BinaryPrimitives.ReadUInt32LittleEndian(header[CrcAt..]))
            throw new FrameFormatException(CrcAt, "another CRC than that of the payload");
        return content;
    }

    /// <summary>Reads what an event says of itself, without checking its payload: it may be damaged all the same.</summary>
    /// <exception cref="FrameFormatException">It is no event.</exception>
    public static EventContent ReadHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length < FirstHeaderBytes || header[0] != 'S' || header[1] != 'F')
            throw new FrameFormatException(0, "no event of spans");
        var version = header[2];
        if (version is not (FirstVersion or Version))
            throw new FrameFormatException(2, $"event version {version} where {Version} was expected");
        if (version != FirstVersion && header.Length < HeaderBytes)
            throw new FrameFormatException(header.Length, "the end");
        var spans = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        var section = version == FirstVersion ? 0 : BinaryPrimitives.ReadInt32LittleEndian(header[SectionAt..]);
        if (length is < 0 or > MaxPayloadBytes || section < 0 || section > length || spans < 0)
            throw new FrameFormatException(12, $"a payload of {length} bytes");
        return version == FirstVersion
            ? new EventContent(version, spans, length, 0, 0, 0)
            : new EventContent(
                version, spans, length - section, section, BinaryPrimitives.ReadUInt64LittleEndian(header[IdAt..]), header[AttemptAt]);
    }

    /// <summary>CRC-32C of some bytes.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes) => ~Append(uint.MaxValue, bytes);

    private static uint HeaderCrc(ReadOnlySpan<byte> header) =>
        Append(Append(uint.MaxValue, header[4..CrcAt]), header[SectionAt..AttemptAt]);

    private static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (var rest in bytes[(words.Length * 8)..])
            crc = BitOperations.Crc32C(crc, rest);
        return crc;
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
