using System.Buffers.Binary;
using System.Text;

namespace Serverless.Functions.Probing.Requests;

/// <summary>Writes thrift's binary protocol (Apache Thrift, doc/specs/thrift-binary-protocol.md).</summary>
internal sealed class ThriftBytes
{
    private const byte Stop = 0;
    private const byte BoolType = 2;
    private const byte DoubleType = 4;
    private const byte I16Type = 6;
    private const byte I32Type = 8;
    private const byte I64Type = 10;
    private const byte StringType = 11;
    private const byte StructType = 12;
    private const byte ListType = 15;

    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();

    public void Bool(short field, bool value)
    {
        Begin(BoolType, field);
        _bytes.WriteByte(value ? (byte)1 : (byte)0);
    }

    public void I16(short field, short value)
    {
        Begin(I16Type, field);
        Number(value);
    }

    public void I32(short field, int value)
    {
        Begin(I32Type, field);
        Number(value);
    }

    public void I64(short field, long value)
    {
        Begin(I64Type, field);
        Number(value);
    }

    public void Double(short field, double value)
    {
        Begin(DoubleType, field);
        Number(BitConverter.DoubleToInt64Bits(value));
    }

    public void Text(short field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public void Bytes(short field, ReadOnlySpan<byte> value)
    {
        Begin(StringType, field);
        Number(value.Length);
        _bytes.Write(value);
    }

    public void Struct(short field, Action<ThriftBytes> write)
    {
        Begin(StructType, field);
        Struct(write);
    }

    public void List<T>(short field, IReadOnlyList<T> items, Action<ThriftBytes, T> write)
    {
        if (items.Count == 0)
            return;
        Begin(ListType, field);
        List(items, write);
    }

    /// <summary>A list of structs that is no field: Zipkin's whole body.</summary>
    public void List<T>(IReadOnlyList<T> items, Action<ThriftBytes, T> write)
    {
        _bytes.WriteByte(StructType);
        Number(items.Count);
        foreach (var item in items)
            Struct(to => write(to, item));
    }

    /// <summary>A struct that is no field: Jaeger's whole body.</summary>
    public void Struct(Action<ThriftBytes> write)
    {
        write(this);
        _bytes.WriteByte(Stop);
    }

    private void Begin(byte type, short field)
    {
        _bytes.WriteByte(type);
        Number(field);
    }

    private void Number(short value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(short)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, value);
        _bytes.Write(bytes);
    }

    private void Number(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        _bytes.Write(bytes);
    }

    private void Number(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        _bytes.Write(bytes);
    }
}
