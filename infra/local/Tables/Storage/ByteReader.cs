using System.Buffers.Binary;

namespace Serverless.Local.Tables.Storage;

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Reading past the end throws, so damage cannot go unnoticed.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; set; }

    public readonly bool AtEnd => Position >= _bytes.Length;

    public byte ReadByte() => _bytes[Position++];

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Read(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Read(8));

    public long ReadVarint()
    {
        ulong value = _bytes[Position++];
        if (value < 0x80)
            return (long)value;
        value &= 0x7F;
        for (var shift = 7; ; shift += 7)
        {
            var next = _bytes[Position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return (long)value;
            if (shift >= 63)
                throw new InvalidDataException("A varint has more than ten bytes.");
        }
    }

    public ReadOnlySpan<byte> Read(int count)
    {
        var span = _bytes.Slice(Position, count);
        Position += count;
        return span;
    }

    /// <summary>A length (varint), then that many bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes() => Read(checked((int)ReadVarint()));
}
