using System.Buffers.Binary;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>
/// Writes the elements of a list or map value as bytes, for <see cref="SpanBatch.AddEncoded"/>. A list is its elements
/// one after the other; a map is keys (length, UTF-8) each followed by its element. An element is a type
/// byte (<see cref="AttributeType"/>), then: nothing (empty, booleans), a zigzag varint (integers), 8 bytes little-endian
/// (doubles), or a varint length with as many bytes (texts, bytes, nested lists and maps).
/// </summary>
/// <remarks>Decoders write nested values into one of these and copy the inner one's bytes into the outer one.</remarks>
public sealed class NestedValueWriter
{
    private byte[] _bytes = new byte[256];
    private int _used;

    /// <summary>What has been written since the last <see cref="Reset"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _used);

    /// <summary>How many bytes have been written; a position for <see cref="EndContainer"/>.</summary>
    public int Position => _used;

    /// <summary>Begins another value.</summary>
    public void Reset() => _used = 0;

    /// <summary>Writes a map's key.</summary>
    public void Key(ReadOnlySpan<byte> utf8) => WithLength(utf8);

    /// <summary>Writes a map's key before the element that began at a position: in some formats the key comes last.</summary>
    public void InsertKey(int start, ReadOnlySpan<byte> utf8)
    {
        var end = _used;
        Key(utf8);
        var size = _used - end;
        Reserve(size);
        _bytes.AsSpan(start, end + size - start).CopyTo(_bytes.AsSpan(start + size));
        _bytes.AsSpan(end + size, size).CopyTo(_bytes.AsSpan(start));
        _used -= size;
    }

    /// <summary>Forgets what was written after a position.</summary>
    public void TruncateTo(int position) => _used = position;

    /// <summary>Writes an element without a value.</summary>
    public void Empty() => Byte((byte)AttributeType.Empty);

    /// <summary>Writes a boolean element.</summary>
    public void Boolean(bool value) => Byte((byte)(value ? AttributeType.True : AttributeType.False));

    /// <summary>Writes an integer element.</summary>
    public void Int64(long value)
    {
        Byte((byte)AttributeType.Int64);
        Varint((ulong)((value << 1) ^ (value >> 63)));
    }

    /// <summary>Writes a floating-point element.</summary>
    public void Double(double value)
    {
        Byte((byte)AttributeType.Double);
        BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);
    }

    /// <summary>Writes a text element.</summary>
    public void String(ReadOnlySpan<byte> utf8)
    {
        Byte((byte)AttributeType.String);
        WithLength(utf8);
    }

    /// <summary>Writes an element of bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Byte((byte)AttributeType.Bytes);
        WithLength(bytes);
    }

    /// <summary>Begins a nested list or map; what follows until <see cref="EndContainer"/> belongs to it.</summary>
    /// <returns>The position to end it with.</returns>
    public int BeginContainer(AttributeType type)
    {
        Byte((byte)type);
        return _used;
    }

    /// <summary>Ends the nested list or map that began at a position: puts its length before its bytes.</summary>
    public void EndContainer(int start)
    {
        var length = _used - start;
        Span<byte> prefix = stackalloc byte[10];
        var size = Varints.Write(prefix, (ulong)length);
        Reserve(size);
        _bytes.AsSpan(start, length).CopyTo(_bytes.AsSpan(start + size));
        prefix[..size].CopyTo(_bytes.AsSpan(start));
    }

    private void WithLength(ReadOnlySpan<byte> bytes)
    {
        Varint((ulong)bytes.Length);
        bytes.CopyTo(Reserve(bytes.Length));
    }

    private void Byte(byte value) => Reserve(1)[0] = value;

    private void Varint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        var size = Varints.Write(bytes, value);
        bytes[..size].CopyTo(Reserve(size));
    }

    private Span<byte> Reserve(int size)
    {
        if (_used + size > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + size));
        var span = _bytes.AsSpan(_used, size);
        _used += size;
        return span;
    }
}
