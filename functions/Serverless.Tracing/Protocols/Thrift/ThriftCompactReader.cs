using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Serverless.Tracing.Protocols.Thrift;

/// <summary>Reads thrift's compact protocol.</summary>
/// <remarks>https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md</remarks>
internal ref struct ThriftCompactReader(ReadOnlySpan<byte> body, ThriftSchema schema, int maxDepth) : IThriftReader
{
    private const byte ProtocolId = 0x82;
    private const byte Version1 = 1;
    private const byte Call = 1;
    private const byte OneWay = 4;
    private const int MaxVarintBytes = 10;
    private const int LongList = 15;

    // As a field's type it is the boolean's value at the same time; a false one is 2, or 0 in lists of some writers.
    private const byte True = 1;

    // By this protocol's own numbers.
    private static ReadOnlySpan<ThriftType> Types =>
    [
        ThriftType.Stop, ThriftType.Bool, ThriftType.Bool, ThriftType.Byte, ThriftType.I16, ThriftType.I32, ThriftType.I64, ThriftType.Double,
        ThriftType.String, ThriftType.List, ThriftType.Set, ThriftType.Map, ThriftType.Struct, ThriftType.Uuid,
    ];

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly ThriftSchema _schema = schema;
    private readonly int _maxDepth = maxDepth;
    private int _start;
    private int _position;
    private int _field;
    private int _depth;
    private short _lastId;
    private bool _hasBool;
    private bool _bool;
    private bool _isLocating;

    /// <inheritdoc/>
    public readonly int Position => _position;

    /// <inheritdoc/>
    public readonly int FieldOffset => _field;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ReadMessage(out bool isCall)
    {
        var id = Take(1)[0];
        if (id != ProtocolId)
            Fail(0, $"0x{id:x2}, 0x{ProtocolId:x2} expected, which begins the compact protocol");
        var kind = Take(1)[0];
        if ((kind & 0x1F) != Version1)
            Fail(1, $"version {kind & 0x1F} of the compact protocol, {Version1} expected");
        ReadVarint();
        var name = ReadBytes(ThriftType.String);
        isCall = kind >> 5 is Call or OneWay;
        _start = _position;
        return name;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public short BeginStruct(ThriftType type)
    {
        if (type != ThriftType.Struct)
            FailType(type, ThriftType.Struct);
        if (++_depth > _maxDepth)
            FailDepth();
        var outer = _lastId;
        _lastId = 0;
        return outer;
    }

    /// <inheritdoc/>
    public bool TryReadField(out ThriftType type, out short id)
    {
        _field = _position;
        var header = Take(1)[0];
        if (header == 0)
        {
            type = ThriftType.Stop;
            id = 0;
            return false;
        }

        type = TypeOf(header & 0x0F, _field);
        _hasBool = type == ThriftType.Bool;
        _bool = (header & 0x0F) == True;
        id = header > 0x0F ? unchecked((short)(_lastId + (header >> 4))) : unchecked((short)ReadZigzag());
        _lastId = id;
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndStruct(short outer)
    {
        _lastId = outer;
        _depth--;
    }

    /// <inheritdoc/>
    public int ReadList(ThriftType type, out ThriftType item)
    {
        if (type is not (ThriftType.List or ThriftType.Set))
            FailType(type, ThriftType.List);
        var at = _position;
        var header = Take(1)[0];
        var count = (ulong)(header >> 4);
        if (count == LongList)
            count = ReadVarint();
        item = count == 0 ? ThriftType.Stop : TypeOf(header & 0x0F, at);
        return CheckCount(at, count, item == ThriftType.Double ? sizeof(double) : 1);
    }

    /// <inheritdoc/>
    public bool ReadBool(ThriftType type)
    {
        if (type != ThriftType.Bool)
            FailType(type, ThriftType.Bool);
        if (!_hasBool)
            return Take(1)[0] == True;
        _hasBool = false;
        return _bool;
    }

    /// <inheritdoc/>
    public byte ReadByte(ThriftType type)
    {
        if (type != ThriftType.Byte)
            FailType(type, ThriftType.Byte);
        return Take(1)[0];
    }

    /// <inheritdoc/>
    public short ReadI16(ThriftType type)
    {
        if (type != ThriftType.I16)
            FailType(type, ThriftType.I16);
        return unchecked((short)ReadZigzag());
    }

    /// <inheritdoc/>
    public int ReadI32(ThriftType type)
    {
        if (type != ThriftType.I32)
            FailType(type, ThriftType.I32);
        return unchecked((int)ReadZigzag());
    }

    /// <inheritdoc/>
    public long ReadI64(ThriftType type)
    {
        if (type != ThriftType.I64)
            FailType(type, ThriftType.I64);
        return ReadZigzag();
    }

    /// <inheritdoc/>
    public double ReadDouble(ThriftType type)
    {
        if (type != ThriftType.Double)
            FailType(type, ThriftType.Double);
        return BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadBytes(ThriftType type)
    {
        if (type != ThriftType.String)
            FailType(type, ThriftType.String);
        var at = _position;
        var length = ReadVarint();
        if (length > (uint)(_body.Length - _position))
            FailLength(at, length);
        var bytes = _body.Slice(_position, (int)length);
        _position += (int)length;
        return bytes;
    }

    /// <inheritdoc/>
    public void Skip(ThriftType type)
    {
        switch (type)
        {
            case ThriftType.Bool:
                ReadBool(type);
                return;
            case ThriftType.Byte:
                Take(1);
                return;
            case ThriftType.I16 or ThriftType.I32 or ThriftType.I64:
                ReadVarint();
                return;
            case ThriftType.Double:
                Take(sizeof(double));
                return;
            case ThriftType.Uuid:
                Take(16);
                return;
            case ThriftType.String:
                ReadBytes(type);
                return;
            case ThriftType.Struct:
                var outer = BeginStruct(type);
                while (TryReadField(out var field, out _))
                    Skip(field);
                EndStruct(outer);
                return;
            case ThriftType.List or ThriftType.Set:
                var count = ReadList(type, out var item);
                SkipItems(count, item, null);
                return;
            case ThriftType.Map:
                SkipMap();
                return;
            default:
                Fail(_field, "a value of type stop");
                return;
        }
    }

    /// <inheritdoc/>
    [DoesNotReturn]
    public readonly void FailUtf8(ReadOnlySpan<byte> text) =>
        Fail(_position - text.Length + Utf8Text.FirstInvalid(text), "invalid UTF-8");

    /// <inheritdoc/>
    [DoesNotReturn]
    public readonly void Fail(int offset, string reason) =>
        throw new MalformedSpansException(_schema.Format, _isLocating ? "" : PathOf(offset), offset, reason);

    /// <inheritdoc/>
    public readonly string PathOf(int offset) =>
        ThriftPath.Of(new ThriftCompactReader(_body, _schema, _maxDepth) { _position = _start, _isLocating = true }, _schema, offset);

    private void SkipMap()
    {
        var at = _position;
        var count = ReadVarint();
        if (count == 0)
            return;
        var types = Take(1)[0];
        var (key, value) = (TypeOf(types >> 4, at), TypeOf(types & 0x0F, at));
        SkipItems(CheckCount(at, count, 2), key, value);
    }

    private void SkipItems(int count, ThriftType first, ThriftType? second)
    {
        if (++_depth > _maxDepth)
            FailDepth();
        _hasBool = false;
        for (var i = 0; i < count; i++)
        {
            Skip(first);
            if (second is { } value)
                Skip(value);
        }

        _depth--;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ThriftType TypeOf(int number, int at)
    {
        var types = Types;
        if (number == 0 || number >= types.Length)
            FailTypeNumber(number, at);
        return types[number];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long ReadZigzag()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong ReadVarint()
    {
        if (_position < _body.Length)
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
            if (_position + i >= _body.Length)
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int count)
    {
        if (_body.Length - _position < count)
            FailTruncated(count);
        var bytes = _body.Slice(_position, count);
        _position += count;
        return bytes;
    }

    private readonly int CheckCount(int at, ulong count, int leastSize)
    {
        if (count > (ulong)((_body.Length - _position) / leastSize))
            Fail(at, $"{count} items, but only {_body.Length - _position} bytes are left");
        return (int)count;
    }

    [DoesNotReturn]
    private readonly void FailTruncated(int count) =>
        Fail(_position, $"{count} bytes expected, but only {_body.Length - _position} are left");

    [DoesNotReturn]
    private readonly void FailLength(int at, ulong length) =>
        Fail(at, $"length {length}, but only {_body.Length - _position} bytes are left");

    [DoesNotReturn]
    private readonly void FailDepth() => Fail(_field, $"nested more than {_maxDepth} levels deep");

    [DoesNotReturn]
    private readonly void FailTypeNumber(int number, int at) => Fail(at, $"type {number}, which does not exist");

    [DoesNotReturn]
    private readonly void FailType(ThriftType type, ThriftType expected) =>
        Fail(_field, $"type {ThriftNames.Of(type)}, {ThriftNames.Of(expected)} expected");
}
