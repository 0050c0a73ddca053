using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Thrift;
using static Serverless.Tracing.Protocols.Jaeger.JaegerThriftSchema;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>A tag of a span, process or log while it is read: a number's bits, or the id of a text or bytes.</summary>
internal readonly struct JaegerTag(int key, AttributeType type, long bits)
{
    private const int StringType = 0;
    private const int DoubleType = 1;
    private const int BoolType = 2;
    private const int LongType = 3;
    private const int BinaryType = 4;

    public int Key { get; } = key;

    public AttributeType Type { get; } = type;

    /// <summary>The id of the text or bytes.</summary>
    public int Text => (int)bits;

    public void AddTo(SpanBatch batch, ref ItemList list)
    {
        switch (Type)
        {
            case AttributeType.Int64:
                batch.AddInt64(ref list, Key, bits);
                break;
            case AttributeType.Double:
                batch.AddDouble(ref list, Key, BitConverter.Int64BitsToDouble(bits));
                break;
            default:
                batch.AddEncoded(ref list, Key, Type, (int)bits);
                break;
        }
    }

    /// <summary>Reads a tag; of its values only the one that its type names counts, and where that is missing its zero.</summary>
    public static JaegerTag Read<TReader>(ref TReader reader, ThriftType type, JaegerDecodeContext context)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var key = -1;
        var kind = -1;
        var kindOffset = 0;
        long bits = 0;
        var flag = false;
        ReadOnlySpan<byte> text = default;
        ReadOnlySpan<byte> binary = default;
        var textOffset = 0;
        double number = 0;
        var outer = reader.BeginStruct(type);
        while (reader.TryReadField(out type, out var id))
        {
            switch (id)
            {
                case Tag.Key:
                    key = context.ReadName(ref reader, type);
                    break;
                case Tag.Type:
                    kindOffset = reader.FieldOffset;
                    kind = reader.ReadI32(type);
                    break;
                case Tag.String:
                    text = reader.ReadBytes(type);
                    textOffset = reader.Position - text.Length;
                    break;
                case Tag.Double:
                    number = reader.ReadDouble(type);
                    break;
                case Tag.Bool:
                    flag = reader.ReadBool(type);
                    break;
                case Tag.Long:
                    bits = reader.ReadI64(type);
                    break;
                case Tag.Binary:
                    binary = reader.ReadBytes(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (key < 0)
            reader.Fail(reader.FieldOffset, "required field key is not set");
        if (kindOffset == 0)
            reader.Fail(reader.FieldOffset, "required field vType is not set");
        reader.EndStruct(outer);
        switch (kind)
        {
            case StringType:
                return new JaegerTag(key, AttributeType.String, context.InternValue(ref reader, text, textOffset));
            case DoubleType:
                return new JaegerTag(key, AttributeType.Double, BitConverter.DoubleToInt64Bits(number));
            case BoolType:
                return new JaegerTag(key, flag ? AttributeType.True : AttributeType.False, 0);
            case LongType:
                return new JaegerTag(key, AttributeType.Int64, bits);
            case BinaryType:
                return context.InternBinary(key, binary);
            default:
                reader.Fail(kindOffset, $"tag type {kind}, which does not exist (0 to 4)");
                return default;
        }
    }
}
