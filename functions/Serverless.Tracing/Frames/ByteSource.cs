using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Serverless.Tracing.Frames;

/// <summary>Reads stored bytes within bounds; what lies beyond them is a <see cref="FrameFormatException"/>.</summary>
internal ref struct ByteSource(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Byte()
    {
        if (Position >= _bytes.Length)
            throw End();
        return _bytes[Position++];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Varint()
    {
        var first = Byte();
        return first < 0x80 ? first : LongVarint(first);
    }

    /// <summary>A varint that must be below a bound: a count that cannot exceed the bytes left, an index into a table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Index(int bound)
    {
        var value = Varint();
        if (value >= (ulong)bound)
            throw new FrameFormatException(Position, $"a number of {value} where less than {bound} was expected");
        return (int)value;
    }

    /// <summary>A count of items that take at least a byte each.</summary>
    public int Count() => Index(Remaining + 1);

    /// <summary>A 32-bit unsigned number.</summary>
    public uint UInt32()
    {
        var value = Varint();
        return value <= uint.MaxValue ? (uint)value : throw new FrameFormatException(Position, "a number over 32 bits");
    }

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > Remaining)
            throw End();
        var span = _bytes.Slice(Position, count);
        Position += count;
        return span;
    }

    private ulong LongVarint(byte first)
    {
        var value = (ulong)(first & 0x7F);
        for (var shift = 7; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new FrameFormatException(Position, "a number over 64 bits");
    }

    private readonly FrameFormatException End() => new(Position, "the end");
}
