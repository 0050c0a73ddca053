using System.Buffers.Binary;
using System.Text;

namespace Serverless.Functions.Probing.Requests;

/// <summary>Writes a message in protobuf's wire format (protobuf.dev/programming-guides/encoding).</summary>
internal sealed class ProtobufBytes
{
    private const int Varint = 0;
    private const int Fixed64Type = 1;
    private const int Delimited = 2;
    private const ulong ContinuationBit = 0x80;

    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();

    public void Number(int field, ulong value)
    {
        Write(((ulong)field << 3) | Varint);
        Write(value);
    }

    public void Fixed64(int field, ulong value)
    {
        Write(((ulong)field << 3) | Fixed64Type);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _bytes.Write(bytes);
    }

    public void Double(int field, double value) => Fixed64(field, BitConverter.DoubleToUInt64Bits(value));

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Write(((ulong)field << 3) | Delimited);
        Write((ulong)value.Length);
        _bytes.Write(value);
    }

    public void Text(int field, string value)
    {
        if (value.Length > 0)
            Bytes(field, Encoding.UTF8.GetBytes(value));
    }

    public void Message(int field, Action<ProtobufBytes> write)
    {
        var message = new ProtobufBytes();
        write(message);
        Bytes(field, message.ToArray());
    }

    private void Write(ulong value)
    {
        for (; value >= ContinuationBit; value >>= 7)
            _bytes.WriteByte((byte)(value | ContinuationBit));
        _bytes.WriteByte((byte)value);
    }
}
