using System.Buffers.Binary;
using System.Text;

namespace Serverless.Benchmarks.Load;

/// <summary>
/// Writes protobuf messages into one growing buffer. Lengths are inserted when a message ends, so they are as short as a real
/// sender's; marks (places to be patched later) move along.
/// </summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    private readonly List<int> _marks = [];
    private byte[] _buffer = new byte[4096];

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Remembers a place behind the last byte written, negative values before it; returns the mark's number.</summary>
    public int Mark(int distance = 0)
    {
        _marks.Add(Length + distance);
        return _marks.Count - 1;
    }

    /// <summary>Where a mark is, once all messages around it have ended.</summary>
    public int PlaceOf(int mark) => _marks[mark];

    /// <summary>Begins a message; give the value returned to <see cref="End"/>.</summary>
    public int Begin(int field)
    {
        Tag(field, LengthDelimited);
        return Length;
    }

    /// <summary>Ends the message that began at <paramref name="start"/>.</summary>
    public void End(int start)
    {
        var length = Length - start;
        var width = 1;
        for (var rest = length >> 7; rest != 0; rest >>= 7)
            width++;
        Reserve(width);
        _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(start + width));
        Length = start;
        WriteVarint((ulong)length);
        Length = start + width + length;
        for (var i = _marks.Count - 1; i >= 0 && _marks[i] >= start; i--)
            _marks[i] += width;
    }

    /// <summary>A text field.</summary>
    public void Text(int field, string value)
    {
        Tag(field, LengthDelimited);
        var count = Encoding.UTF8.GetByteCount(value);
        WriteVarint((ulong)count);
        Encoding.UTF8.GetBytes(value, Reserve(count));
        Length += count;
    }

    /// <summary>A bytes field.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, LengthDelimited);
        WriteVarint((ulong)value.Length);
        value.CopyTo(Reserve(value.Length));
        Length += value.Length;
    }

    /// <summary>An integer, enumeration or boolean field.</summary>
    public void Integer(int field, long value)
    {
        Tag(field, Varint);
        WriteVarint((ulong)value);
    }

    /// <summary>A fixed64 field.</summary>
    public void Long(int field, ulong value)
    {
        Tag(field, Fixed64);
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), value);
        Length += sizeof(ulong);
    }

    /// <summary>A fixed32 field.</summary>
    public void Int(int field, uint value)
    {
        Tag(field, Fixed32);
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(sizeof(uint)), value);
        Length += sizeof(uint);
    }

    private void Tag(int field, int wireType) => WriteVarint((ulong)((field << 3) | wireType));

    private void WriteVarint(ulong value)
    {
        Reserve(10);
        for (; value >= 0x80; value >>= 7)
            _buffer[Length++] = (byte)(value | 0x80);
        _buffer[Length++] = (byte)value;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - Length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        return _buffer.AsSpan(Length, count);
    }
}
