using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Serverless.Tracing.Protocols.Thrift;

/// <summary>Reads thrift's binary protocol.</summary>
/// <remarks>https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md</remarks>
internal ref struct ThriftBinaryReader(ReadOnlySpan<byte> body, ThriftSchema schema, int maxDepth) : IThriftReader
{
    private const uint VersionMask = 0xFFFF0000;
    private const uint Version1 = 0x80010000;
    private const byte Call = 1;
    private const byte OneWay = 4;

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly ThriftSchema _schema = schema;
    private readonly int _maxDepth = maxDepth;
    private int _start;
    private int _position;
    private int _field;
    private int _depth;
    private bool _isLocating;

    /// <inheritdoc/>
    public readonly int Position => _position;

    /// <inheritdoc/>
    public readonly int FieldOffset => _field;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ReadMessage(out bool isCall)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));
        ReadOnlySpan<byte> name;
        byte kind;
        if ((first & VersionMask) == Version1)
        {
            kind = (byte)first;
            name = ReadBytes(ThriftType.String);
        }
        else
        {
            // The protocol's first form has no version: the name comes first.
            if ((int)first < 0)
                Fail(_position - sizeof(uint), $"0x{first:x8}, which is no version of the binary protocol");
            _position -= sizeof(uint);
            name = ReadBytes(ThriftType.String);
            kind = Take(1)[0];
        }

        Take(sizeof(int));
        isCall = kind is Call or OneWay;
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
        return 0;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadField(out ThriftType type, out short id)
    {
        _field = _position;
        if (_body.Length - _position < 3)
            return TryReadLastField(out type, out id);
        type = (ThriftType)_body[_position];
        if (type == ThriftType.Stop)
        {
            _position++;
            id = 0;
            return false;
        }

        id = BinaryPrimitives.ReadInt16BigEndian(_body[(_position + 1)..]);
        _position += 3;
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndStruct(short outer) => _depth--;

    /// <inheritdoc/>
    public int ReadList(ThriftType type, out ThriftType item)
    {
        if (type is not (ThriftType.List or ThriftType.Set))
            FailType(type, ThriftType.List);
        var at = _position;
        var header = Take(1 + sizeof(int));
        item = (ThriftType)header[0];
        return CheckCount(at, BinaryPrimitives.ReadInt32BigEndian(header[1..]), LeastSize(item));
    }

    /// <inheritdoc/>
    public bool ReadBool(ThriftType type)
    {
        if (type != ThriftType.Bool)
            FailType(type, ThriftType.Bool);
        return Take(1)[0] != 0;
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
        return BinaryPrimitives.ReadInt16BigEndian(Take(sizeof(short)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadI32(ThriftType type)
    {
        if (type != ThriftType.I32)
            FailType(type, ThriftType.I32);
        return BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadI64(ThriftType type)
    {
        if (type != ThriftType.I64)
            FailType(type, ThriftType.I64);
        return BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));
    }

    /// <inheritdoc/>
    public double ReadDouble(ThriftType type)
    {
        if (type != ThriftType.Double)
            FailType(type, ThriftType.Double);
        return BinaryPrimitives.ReadDoubleBigEndian(Take(sizeof(double)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadBytes(ThriftType type)
    {
        if (type != ThriftType.String)
            FailType(type, ThriftType.String);
        var length = BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));
        if ((uint)length > (uint)(_body.Length - _position))
            FailLength(length);
        var bytes = _body.Slice(_position, length);
        _position += length;
        return bytes;
    }

    /// <inheritdoc/>
    public void Skip(ThriftType type)
    {
        switch (type)
        {
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
                var at = _position;
                var header = Take(2 + sizeof(int));
                var (key, value) = ((ThriftType)header[0], (ThriftType)header[1]);
                SkipItems(CheckCount(at, BinaryPrimitives.ReadInt32BigEndian(header[2..]), LeastSize(key) + LeastSize(value)), key, value);
                return;
            default:
                Take(SizeOf(type));
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
        ThriftPath.Of(new ThriftBinaryReader(_body, _schema, _maxDepth) { _position = _start, _isLocating = true }, _schema, offset);

    private void SkipItems(int count, ThriftType first, ThriftType? second)
    {
        if (++_depth > _maxDepth)
            FailDepth();
        for (var i = 0; i < count; i++)
        {
            Skip(first);
            if (second is { } value)
                Skip(value);
        }

        _depth--;
    }

    private bool TryReadLastField(out ThriftType type, out short id)
    {
        type = ThriftType.Stop;
        id = 0;
        if (Take(1)[0] != 0)
            Take(sizeof(short));
        return false;
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

    private readonly int CheckCount(int at, int count, int leastSize)
    {
        if (count < 0)
            Fail(at, $"a count of {count}");
        if ((long)count * leastSize > _body.Length - _position)
            Fail(at, $"{count} items, but only {_body.Length - _position} bytes are left");
        return count;
    }

    private readonly int LeastSize(ThriftType type) => type switch
    {
        ThriftType.Stop or ThriftType.Struct => 1,
        ThriftType.String => sizeof(int),
        ThriftType.List or ThriftType.Set => 1 + sizeof(int),
        ThriftType.Map => 2 + sizeof(int),
        _ => SizeOf(type),
    };

    private readonly int SizeOf(ThriftType type)
    {
        switch (type)
        {
            case ThriftType.Bool or ThriftType.Byte:
                return 1;
            case ThriftType.I16:
                return sizeof(short);
            case ThriftType.I32:
                return sizeof(int);
            case ThriftType.I64 or ThriftType.Double:
                return sizeof(long);
            case ThriftType.Uuid:
                return 16;
            default:
                Fail(_field, $"type {(byte)type}, which does not exist");
                return 0;
        }
    }

    [DoesNotReturn]
    private readonly void FailTruncated(int count) =>
        Fail(_position, $"{count} bytes expected, but only {_body.Length - _position} are left");

    [DoesNotReturn]
    private readonly void FailLength(int length) =>
        Fail(_position - sizeof(int), $"length {length}, but only {_body.Length - _position} bytes are left");

    [DoesNotReturn]
    private readonly void FailDepth() => Fail(_field, $"nested more than {_maxDepth} levels deep");

    [DoesNotReturn]
    private readonly void FailType(ThriftType type, ThriftType expected) =>
        Fail(_field, $"type {ThriftNames.Of(type)}, {ThriftNames.Of(expected)} expected");
}
