using System.Buffers.Binary;
using System.Text;
using Serverless.Tracing.Protocols.Thrift;

namespace Serverless.Tests.Protocols.Thrift;

/// <summary>A thrift value that can be written in either protocol, right or wrong.</summary>
internal sealed record ThriftNode(ThriftType Type, object Value, ThriftType Item = ThriftType.Stop, ThriftType ItemValue = ThriftType.Stop)
{
    public static ThriftNode Bool(bool value) => new(ThriftType.Bool, value);

    public static ThriftNode Byte(byte value) => new(ThriftType.Byte, value);

    public static ThriftNode I16(short value) => new(ThriftType.I16, value);

    public static ThriftNode I32(int value) => new(ThriftType.I32, value);

    public static ThriftNode I64(long value) => new(ThriftType.I64, value);

    public static ThriftNode Double(double value) => new(ThriftType.Double, value);

    public static ThriftNode Text(string value) => new(ThriftType.String, Encoding.UTF8.GetBytes(value));

    public static ThriftNode Bytes(params byte[] value) => new(ThriftType.String, value);

    public static ThriftNode Struct(params (short Id, ThriftNode Value)[] fields) => new(ThriftType.Struct, fields);

    public static ThriftNode List(ThriftType item, params ThriftNode[] items) => new(ThriftType.List, items, item);

    public static ThriftNode Set(ThriftType item, params ThriftNode[] items) => new(ThriftType.Set, items, item);

    public static ThriftNode Map(ThriftType key, ThriftType value, params ThriftNode[] keysAndValues) => new(ThriftType.Map, keysAndValues, key, value);

    /// <summary>The same struct with a field set, or without it for null.</summary>
    public ThriftNode With(short id, ThriftNode? value) => new(
        ThriftType.Struct,
        ((short Id, ThriftNode Value)[])[.. (((short Id, ThriftNode Value)[])Value).Where(f => f.Id != id), .. value is null ? [] : new[] { (id, value) }]);

    public byte[] Write(bool compact)
    {
        var output = new MemoryStream();
        if (compact)
            new CompactOutput(output).Write(this, isField: false);
        else
            WriteBinary(output, this);
        return output.ToArray();
    }

    /// <summary>A one-way call with this struct of arguments.</summary>
    public byte[] WriteMessage(bool compact, string name = "emitBatch", byte kind = 4)
    {
        var output = new MemoryStream();
        if (compact)
        {
            output.Write([0x82, (byte)((kind << 5) | 1), 0xAC, 0x02]);
            output.WriteByte((byte)name.Length);
            output.Write(Encoding.ASCII.GetBytes(name));
        }
        else
        {
            output.Write([0x80, 1, 0, kind]);
            WriteBinary(output, Text(name));
            output.Write([0, 0, 0, 7]);
        }

        output.Write(Write(compact));
        return output.ToArray();
    }

    private static void WriteBinary(Stream output, ThriftNode node)
    {
        Span<byte> number = stackalloc byte[8];
        switch (node.Value)
        {
            case bool value:
                output.WriteByte(value ? (byte)1 : (byte)0);
                break;
            case byte value:
                output.WriteByte(value);
                break;
            case short value:
                BinaryPrimitives.WriteInt16BigEndian(number, value);
                output.Write(number[..2]);
                break;
            case int value:
                BinaryPrimitives.WriteInt32BigEndian(number, value);
                output.Write(number[..4]);
                break;
            case long value:
                BinaryPrimitives.WriteInt64BigEndian(number, value);
                output.Write(number);
                break;
            case double value:
                BinaryPrimitives.WriteDoubleBigEndian(number, value);
                output.Write(number);
                break;
            case byte[] value:
                WriteBinary(output, I32(value.Length));
                output.Write(value);
                break;
            case (short Id, ThriftNode Value)[] fields:
                foreach (var (id, value) in fields)
                {
                    output.WriteByte((byte)value.Type);
                    WriteBinary(output, I16(id));
                    WriteBinary(output, value);
                }

                output.WriteByte(0);
                break;
            case ThriftNode[] items:
                output.WriteByte((byte)node.Item);
                if (node.Type == ThriftType.Map)
                    output.WriteByte((byte)node.ItemValue);
                WriteBinary(output, I32(node.Type == ThriftType.Map ? items.Length / 2 : items.Length));
                foreach (var item in items)
                    WriteBinary(output, item);
                break;
        }
    }

    private sealed class CompactOutput(Stream output)
    {
        public void Write(ThriftNode node, bool isField)
        {
            switch (node.Value)
            {
                case bool value:
                    if (!isField)
                        output.WriteByte(value ? (byte)1 : (byte)2);
                    break;
                case byte value:
                    output.WriteByte(value);
                    break;
                case short value:
                    WriteZigzag(value);
                    break;
                case int value:
                    WriteZigzag(value);
                    break;
                case long value:
                    WriteZigzag(value);
                    break;
                case double value:
                    output.Write(BitConverter.GetBytes(value));
                    break;
                case byte[] value:
                    WriteVarint((ulong)value.Length);
                    output.Write(value);
                    break;
                case (short Id, ThriftNode Value)[] fields:
                    WriteFields(fields);
                    break;
                case ThriftNode[] items when node.Type == ThriftType.Map:
                    WriteVarint((ulong)items.Length / 2);
                    if (items.Length > 0)
                        output.WriteByte((byte)((TypeOf(node.Item) << 4) | TypeOf(node.ItemValue)));
                    WriteAll(items);
                    break;
                case ThriftNode[] items:
                    output.WriteByte((byte)((Math.Min(items.Length, 15) << 4) | TypeOf(node.Item)));
                    if (items.Length >= 15)
                        WriteVarint((ulong)items.Length);
                    WriteAll(items);
                    break;
            }
        }

        private void WriteAll(ThriftNode[] items)
        {
            foreach (var item in items)
                Write(item, isField: false);
        }

        private void WriteFields((short Id, ThriftNode Value)[] fields)
        {
            var last = 0;
            foreach (var (id, value) in fields)
            {
                var type = value.Value is false ? 2 : TypeOf(value.Type);
                if (id - last is > 0 and <= 15)
                    output.WriteByte((byte)(((id - last) << 4) | type));
                else
                {
                    output.WriteByte((byte)type);
                    WriteZigzag(id);
                }

                last = id;
                Write(value, isField: true);
            }

            output.WriteByte(0);
        }

        private void WriteZigzag(long value) => WriteVarint(((ulong)value << 1) ^ (ulong)(value >> 63));

        private void WriteVarint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                output.WriteByte((byte)(value | 0x80));
            output.WriteByte((byte)value);
        }

        private static int TypeOf(ThriftType type) => type switch
        {
            ThriftType.Bool => 1,
            ThriftType.Byte => 3,
            ThriftType.I16 => 4,
            ThriftType.I32 => 5,
            ThriftType.I64 => 6,
            ThriftType.Double => 7,
            ThriftType.String => 8,
            ThriftType.List => 9,
            ThriftType.Set => 10,
            ThriftType.Map => 11,
            ThriftType.Struct => 12,
            _ => (int)type,
        };
    }
}
