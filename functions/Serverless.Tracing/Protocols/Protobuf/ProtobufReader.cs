using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Serverless.Tracing.Protocols.Protobuf;

/// <summary>
/// Reads the fields of nested messages in one pass over a body; nothing is read beyond the message that was entered
/// last. Every read is given the field's tag and refuses it with another wire type than the one read.
/// </summary>
/// <remarks>The encoding: https://protobuf.dev/programming-guides/encoding/.</remarks>
/// <param name="body">The body.</param>
/// <param name="schema">What it should hold: for the places of errors.</param>
/// <param name="maxDepth">How deep messages may nest.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> body, ProtobufSchema schema, int maxDepth)
{
    private const int MaxVarintBytes = 10;
    private const uint Varint = 0;
    private const uint Fixed64 = 1;
    private const uint LengthDelimited = 2;
    private const uint StartGroup = 3;
    private const uint EndGroup = 4;
    private const uint Fixed32 = 5;

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly ProtobufSchema _schema = schema;
    private readonly int _maxDepth = maxDepth;
    private int _depth;
    private int _end = body.Length;
    private int _field;
    private int _position;

    /// <summary>The byte at which the field read last begins.</summary>
    public readonly int FieldOffset => _field;

    /// <summary>The number of a tag's field.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Number(uint tag) => tag >> 3;

    /// <summary>Reads the next field's tag; false at the end of the message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadTag(out uint tag)
    {
        if (_position >= _end)
        {
            tag = 0;
            return false;
        }

        _field = _position;
        tag = _body[_position];
        if (tag - 8 < 0x78)
            _position++;
        else
            tag = ReadLongTag();
        return true;
    }

    /// <summary>Enters the message that the field holds.</summary>
    /// <returns>What <see cref="Leave"/> needs once <see cref="TryReadTag"/> has said that the message is over.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Enter(uint tag)
    {
        var length = ReadLength(tag);
        if (++_depth > _maxDepth)
            Fail(_field, $"nested more than {_maxDepth} messages deep");
        var outer = _end;
        _end = _position + length;
        return outer;
    }

    /// <summary>Goes back to the message around the one that was entered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave(int outer)
    {
        _end = outer;
        _depth--;
    }

    /// <summary>Reads a field of bytes or text; text is not checked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadBytes(uint tag)
    {
        var length = ReadLength(tag);
        var bytes = _body.Slice(_position, length);
        _position += length;
        return bytes;
    }

    /// <summary>Reads a field of text.</summary>
    public ReadOnlySpan<byte> ReadUtf8(uint tag)
    {
        var utf8 = ReadBytes(tag);
        if (!Utf8.IsValid(utf8))
            FailUtf8(utf8);
        return utf8;
    }

    /// <summary>Reads an int64, uint32, bool or enum; the caller casts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVarint(uint tag)
    {
        if ((tag & 7) != Varint)
            FailWireType(tag, Varint);
        return ReadVarint();
    }

    /// <summary>Reads a fixed32.</summary>
    public uint ReadFixed32(uint tag)
    {
        if ((tag & 7) != Fixed32)
            FailWireType(tag, Fixed32);
        return BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
    }

    /// <summary>Reads a fixed64, or the bits of a double.</summary>
    public ulong ReadFixed64(uint tag)
    {
        if ((tag & 7) != Fixed64)
            FailWireType(tag, Fixed64);
        return BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
    }

    /// <summary>Leaves out a field that is not known or not wanted.</summary>
    public void Skip(uint tag)
    {
        switch (tag & 7)
        {
            case Varint:
                ReadVarint();
                break;
            case Fixed64:
                Take(sizeof(ulong));
                break;
            case LengthDelimited:
                ReadBytes(tag);
                break;
            case StartGroup:
                SkipGroup(Number(tag));
                break;
            case EndGroup:
                Fail(_field, $"end of group {Number(tag)}, which did not begin");
                break;
            case Fixed32:
                Take(sizeof(uint));
                break;
            default:
                Fail(_field, $"wire type {tag & 7}, which does not exist");
                break;
        }
    }

    /// <summary>Says where the text read last stops being UTF-8.</summary>
    [DoesNotReturn]
    public readonly void FailUtf8(ReadOnlySpan<byte> text) =>
        Fail(_position - text.Length + Utf8Text.FirstInvalid(text), "invalid UTF-8");

    /// <summary>Refuses the body for what is wrong with the field read last.</summary>
    [DoesNotReturn]
    public readonly void Fail(int offset, string reason) =>
        throw new MalformedSpansException(_schema.Format, PathOf(_field), offset, reason);

    /// <summary>Refuses the body for what is wrong with the field that begins at a byte.</summary>
    [DoesNotReturn]
    public readonly void FailField(int field, string reason) =>
        throw new MalformedSpansException(_schema.Format, PathOf(field), field, reason);

    /// <summary>The path of the field that begins at a byte.</summary>
    public readonly string PathOf(int field) => ProtobufPath.Of(_body, _schema.Root, field);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadLength(uint tag)
    {
        if ((tag & 7) != LengthDelimited)
            FailWireType(tag, LengthDelimited);
        var at = _position;
        var length = ReadVarint();
        if (length > (uint)(_end - _position))
            Fail(at, $"length {length}, but only {_end - _position} bytes are left");
        return (int)length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong ReadVarint()
    {
        if (_position < _end)
        {
            var first = _body[_position];
            if (first < 0x80)
            {
                _position++;
                return first;
            }
        }

        return ReadLongVarint();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong ReadLongVarint()
    {
        ulong value = 0;
        for (var i = 0; i < MaxVarintBytes; i++)
        {
            if (_position + i >= _end)
                Fail(_position, "truncated varint");
            var next = _body[_position + i];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                _position += i + 1;
                return value;
            }
        }

        Fail(_position, $"varint of more than {MaxVarintBytes} bytes");
        return 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint ReadLongTag()
    {
        var tag = ReadVarint();
        if (tag < 8)
            Fail(_field, "field number 0");
        if (tag > uint.MaxValue)
            Fail(_field, $"field number {tag >> 3}, which is over 536870911");
        return (uint)tag;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_end - _position < count)
            Fail(_position, $"{count} bytes expected, but only {_end - _position} are left");
        var bytes = _body.Slice(_position, count);
        _position += count;
        return bytes;
    }

    private void SkipGroup(uint number)
    {
        var start = _field;
        if (++_depth > _maxDepth)
            Fail(_field, $"nested more than {_maxDepth} messages deep");
        while (TryReadTag(out var tag))
        {
            if ((tag & 7) != EndGroup)
            {
                Skip(tag);
                continue;
            }

            if (Number(tag) != number)
                Fail(_field, $"end of group {Number(tag)} inside group {number}");
            _depth--;
            return;
        }

        Fail(start, $"group {number} does not end");
    }

    [DoesNotReturn]
    private readonly void FailWireType(uint tag, uint expected) =>
        Fail(_field, $"wire type {tag & 7} ({Name(tag & 7)}), {expected} ({Name(expected)}) expected");

    private static string Name(uint wireType) => wireType switch
    {
        Varint => "varint",
        Fixed64 => "64-bit",
        LengthDelimited => "length-delimited",
        StartGroup => "start of a group",
        EndGroup => "end of a group",
        Fixed32 => "32-bit",
        _ => "none",
    };
}
