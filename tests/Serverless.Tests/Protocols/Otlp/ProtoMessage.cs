using System.Buffers.Binary;
using System.Text;

namespace Serverless.Tests.Protocols.Otlp;

/// <summary>A protobuf message while it is written; independent of the product's code, and able to write nonsense.</summary>
public sealed class ProtoMessage
{
    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();

    public ProtoMessage Varint(uint field, ulong value) => Tag(field, 0).Base128(value);

    public ProtoMessage Fixed64(uint field, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Tag(field, 1).Raw(bytes);
    }

    public ProtoMessage Fixed32(uint field, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Tag(field, 5).Raw(bytes);
    }

    public ProtoMessage Double(uint field, double value) => Fixed64(field, BitConverter.DoubleToUInt64Bits(value));

    public ProtoMessage Bytes(uint field, params ReadOnlySpan<byte> value) => Tag(field, 2).Base128((ulong)value.Length).Raw(value);

    public ProtoMessage Hex(uint field, string hex) => Bytes(field, Convert.FromHexString(hex));

    public ProtoMessage Text(uint field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtoMessage Message(uint field, ProtoMessage value) => Bytes(field, value.ToArray());

    public ProtoMessage Tag(uint field, uint wireType) => Base128(((ulong)field << 3) | wireType);

    public ProtoMessage Base128(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
        return this;
    }

    public ProtoMessage Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }
}
