using System.Text.Unicode;
using Serverless.Tracing.Model;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads <c>ArrayValue</c> and <c>KeyValueList</c> into the context's <see cref="OtlpDecodeContext.Nested"/>.</summary>
internal static class JsonNestedValues
{
    public static void ReadArray(ref OtlpJsonReader reader, OtlpDecodeContext context)
    {
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.ArrayValue, out var field))
        {
            if (field != ArrayValue.Values)
            {
                reader.Skip();
                continue;
            }

            reader.EnterArray();
            while (reader.TryReadElement())
            {
                if (context.IsNestedFull())
                {
                    reader.Skip();
                    continue;
                }

                var element = new OtlpNestedElement(context);
                if (!reader.IsNull)
                    ReadElement(ref reader, context, ref element);
                element.End(context);
            }
        }
    }

    public static void ReadMap(ref OtlpJsonReader reader, OtlpDecodeContext context)
    {
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.KeyValueList, out var field))
        {
            if (field != KeyValueList.Values)
            {
                reader.Skip();
                continue;
            }

            reader.EnterArray();
            while (reader.TryReadElement())
            {
                if (context.IsNestedFull())
                    reader.Skip();
                else if (!reader.IsNull)
                    ReadEntry(ref reader, context);
            }
        }
    }

    private static void ReadEntry(ref OtlpJsonReader reader, OtlpDecodeContext context)
    {
        var start = context.Nested.Position;
        var element = new OtlpNestedElement(context);
        ReadOnlySpan<byte> key = default;
        var isEscaped = false;
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.KeyValue, out var field))
        {
            switch (field)
            {
                case KeyValue.Key:
                    key = reader.ReadEscaped(out isEscaped);
                    if (!Utf8.IsValid(key))
                        reader.FailUtf8();
                    break;
                case KeyValue.Value:
                    ReadElement(ref reader, context, ref element);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        element.End(context);
        context.InsertNestedKey(start, isEscaped ? reader.Unescape(key) : key);
    }

    private static void ReadElement(ref OtlpJsonReader reader, OtlpDecodeContext context, ref OtlpNestedElement element)
    {
        var nested = context.Nested;
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.AnyValue, out var field))
        {
            switch (field)
            {
                case AnyValue.StringValue:
                    var text = reader.ReadUtf8();
                    if (!Utf8.IsValid(text))
                        reader.FailUtf8();
                    element.Become(context, AttributeType.String);
                    if (!context.IsNestedFull(text.Length))
                        nested.String(text);
                    break;
                case AnyValue.BoolValue:
                    var flag = reader.ReadBoolean();
                    element.Become(context, flag ? AttributeType.True : AttributeType.False);
                    nested.Boolean(flag);
                    break;
                case AnyValue.IntValue:
                    var number = reader.ReadInt64();
                    element.Become(context, AttributeType.Int64);
                    nested.Int64(number);
                    break;
                case AnyValue.DoubleValue:
                    var real = reader.ReadDouble();
                    element.Become(context, AttributeType.Double);
                    nested.Double(real);
                    break;
                case AnyValue.ArrayValue:
                    element.BecomeContainer(context, AttributeType.Array);
                    ReadArray(ref reader, context);
                    break;
                case AnyValue.KvlistValue:
                    element.BecomeContainer(context, AttributeType.Map);
                    ReadMap(ref reader, context);
                    break;
                case AnyValue.BytesValue:
                    var bytes = reader.ReadBase64();
                    element.Become(context, AttributeType.Bytes);
                    if (!context.IsNestedFull(bytes.Length))
                        nested.Bytes(bytes);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
