using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads <c>ArrayValue</c> and <c>KeyValueList</c> into the context's <see cref="OtlpDecodeContext.Nested"/>.</summary>
internal static class ProtobufNestedValues
{
    public static void ReadArray(ref ProtobufReader reader, uint tag, OtlpDecodeContext context)
    {
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            if (ProtobufReader.Number(tag) != ArrayValue.Values)
                reader.Skip(tag);
            else if (context.IsNestedFull())
                reader.ReadBytes(tag);
            else
            {
                var element = new OtlpNestedElement(context);
                ReadElement(ref reader, tag, context, ref element);
                element.End(context);
            }
        }

        reader.Leave(outer);
    }

    public static void ReadMap(ref ProtobufReader reader, uint tag, OtlpDecodeContext context)
    {
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            if (ProtobufReader.Number(tag) != KeyValueList.Values)
                reader.Skip(tag);
            else if (context.IsNestedFull())
                reader.ReadBytes(tag);
            else
                ReadEntry(ref reader, tag, context);
        }

        reader.Leave(outer);
    }

    private static void ReadEntry(ref ProtobufReader reader, uint tag, OtlpDecodeContext context)
    {
        var start = context.Nested.Position;
        var element = new OtlpNestedElement(context);
        ReadOnlySpan<byte> key = default;
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case KeyValue.Key:
                    key = reader.ReadUtf8(tag);
                    break;
                case KeyValue.Value:
                    ReadElement(ref reader, tag, context, ref element);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        element.End(context);
        context.InsertNestedKey(start, key);
    }

    private static void ReadElement(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, ref OtlpNestedElement element)
    {
        var nested = context.Nested;
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case AnyValue.StringValue:
                    var text = reader.ReadUtf8(tag);
                    element.Become(context, AttributeType.String);
                    if (!context.IsNestedFull(text.Length))
                        nested.String(text);
                    break;
                case AnyValue.BoolValue:
                    var flag = reader.ReadVarint(tag) != 0;
                    element.Become(context, flag ? AttributeType.True : AttributeType.False);
                    nested.Boolean(flag);
                    break;
                case AnyValue.IntValue:
                    var number = (long)reader.ReadVarint(tag);
                    element.Become(context, AttributeType.Int64);
                    nested.Int64(number);
                    break;
                case AnyValue.DoubleValue:
                    var bits = reader.ReadFixed64(tag);
                    element.Become(context, AttributeType.Double);
                    nested.Double(BitConverter.UInt64BitsToDouble(bits));
                    break;
                case AnyValue.ArrayValue:
                    element.BecomeContainer(context, AttributeType.Array);
                    ReadArray(ref reader, tag, context);
                    break;
                case AnyValue.KvlistValue:
                    element.BecomeContainer(context, AttributeType.Map);
                    ReadMap(ref reader, tag, context);
                    break;
                case AnyValue.BytesValue:
                    var bytes = reader.ReadBytes(tag);
                    element.Become(context, AttributeType.Bytes);
                    if (!context.IsNestedFull(bytes.Length))
                        nested.Bytes(bytes);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
    }
}
