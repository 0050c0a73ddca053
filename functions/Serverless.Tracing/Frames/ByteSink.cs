using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Serverless.Tracing.Frames;

/// <summary>A growing run of bytes that keeps its memory.</summary>
internal sealed class ByteSink
{
    private const int FirstBytes = 1024;

    private byte[] _bytes = new byte[FirstBytes];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Reset() => Length = 0;

    /// <summary>Gives memory back that an unusual request made it take; what was written is lost.</summary>
    public void Trim(int keepAtMost)
    {
        Length = 0;
        if (_bytes.Length > keepAtMost)
            _bytes = new byte[FirstBytes];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Byte(byte value)
    {
        if (Length == _bytes.Length)
            Grow(1);
        _bytes[Length++] = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Varint(ulong value)
    {
        if (value < 0x80)
        {
            Byte((byte)value);
            return;
        }

        if (Length + Varints.MaxBytes > _bytes.Length)
            Grow(Varints.MaxBytes);
        Length += Varints.Write(_bytes.AsSpan(Length), value);
    }

    public void Varint(int value) => Varint((ulong)(uint)value);

    public void Fixed32(uint value)
    {
        if (Length + 4 > _bytes.Length)
            Grow(4);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(Length), value);
        Length += 4;
    }

    public void Fixed64(ulong value)
    {
        if (Length + 8 > _bytes.Length)
            Grow(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(Length), value);
        Length += 8;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > _bytes.Length)
            Grow(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    private void Grow(int by) => Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + by));
}
