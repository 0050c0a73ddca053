using System.Buffers.Binary;
using System.Text;

namespace Serverless.Tests.Protocols.Zipkin;

/// <summary>A value in thrift's binary protocol while it is written; independent of the product's code, and able to write nonsense.</summary>
internal sealed class ThriftBytes
{
    public const byte BoolType = 2;
    public const byte DoubleType = 4;
    public const byte I16Type = 6;
    public const byte I32Type = 8;
    public const byte I64Type = 10;
    public const byte StringType = 11;
    public const byte Struct = 12;
    public const byte MapType = 13;
    public const byte ListType = 15;

    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();

    public ThriftBytes Field(byte type, short id) => Raw(type, (byte)(id >> 8), (byte)id);

    public ThriftBytes Bool(short id, bool value) => Field(BoolType, id).Raw((byte)(value ? 1 : 0));

    public ThriftBytes I16(short id, short value) => Field(I16Type, id).Raw((byte)(value >> 8), (byte)value);

    public ThriftBytes I32(short id, int value) => Field(I32Type, id).Int(value);

    public ThriftBytes I64(short id, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return Field(I64Type, id).Raw(bytes);
    }

    public ThriftBytes Bytes(short id, params ReadOnlySpan<byte> value) => Field(StringType, id).Int(value.Length).Raw(value);

    public ThriftBytes Text(short id, string value) => Bytes(id, Encoding.UTF8.GetBytes(value));

    public ThriftBytes List(byte type, params ThriftBytes[] items)
    {
        Raw(type).Int(items.Length);
        foreach (var item in items)
            Raw(item.ToArray());
        return this;
    }

    public ThriftBytes Stop() => Raw((byte)0);

    public ThriftBytes Int(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return Raw(bytes);
    }

    public ThriftBytes Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }
}
