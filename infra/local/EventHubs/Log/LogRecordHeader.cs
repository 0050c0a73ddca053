using System.Buffers.Binary;

namespace Serverless.Local;

/// <summary>
/// What stands before each batch of events in a segment, 48 bytes, little-endian: magic, CRC-32C of the bytes after it,
/// payload length, CRC-32C of the payload, number of events (each uint32), 0 (uint32), first sequence number, enqueued time
/// (UTC ticks), first sequence number of the commit group (each int64). The last says which records before this one had
/// been made durable when it was written: so a torn tail is told from damage.
/// </summary>
internal readonly record struct LogRecordHeader(
    int PayloadLength, uint PayloadCrc, int Count, long FirstSequence, long EnqueuedTicks, long GroupFirstSequence)
{
    /// <summary>The size of the header, bytes.</summary>
    internal const int Size = 48;

    /// <summary>The first bytes of a header: "EHR1".</summary>
    internal static ReadOnlySpan<byte> Magic => "EHR1"u8;

    internal int TotalLength => Size + PayloadLength;

    internal long NextSequence => FirstSequence + Count;

    internal void Write(Span<byte> destination)
    {
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], PayloadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], PayloadCrc);
        BinaryPrimitives.WriteInt32LittleEndian(destination[16..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(destination[20..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], EnqueuedTicks);
        BinaryPrimitives.WriteInt64LittleEndian(destination[40..], GroupFirstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Crc32C.Compute(destination[8..Size]));
    }

    /// <summary>Reads a header; false where there is none, or not a whole one.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> source, out LogRecordHeader header)
    {
        header = default;
        if (source.Length < Size || !source.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(source[4..]) != Crc32C.Compute(source[8..Size]))
            return false;
        header = new LogRecordHeader(
            BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[40..]));
        return header is { PayloadLength: >= sizeof(int), Count: > 0, FirstSequence: >= 0 };
    }
}
