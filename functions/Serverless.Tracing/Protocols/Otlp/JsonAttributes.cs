using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads arrays of <c>KeyValue</c> where they are attributes.</summary>
internal static class JsonAttributes
{
    /// <summary>Reads attributes into a list; those that are too many are counted as left out.</summary>
    public static void Read(ref OtlpJsonReader reader, OtlpDecodeContext context, ref ItemList list, ref uint leftOut)
    {
        reader.EnterArray();
        while (reader.TryReadElement())
        {
            if (TryReadKeyValue(ref reader, context, list, ref leftOut, out var key, out var value))
                context.Add(ref list, key, value);
        }
    }

    /// <summary>As <see cref="Read"/>, and notes the service's name.</summary>
    public static void ReadOfResource(ref OtlpJsonReader reader, OtlpDecodeContext context, ref OtlpResource resource)
    {
        reader.EnterArray();
        while (reader.TryReadElement())
        {
            if (!TryReadKeyValue(ref reader, context, resource.Attributes, ref resource.LeftOut, out var key, out var value))
                continue;
            context.Add(ref resource.Attributes, key, value);
            resource.NoteServiceName(context.Batch, key, value);
        }
    }

    private static bool TryReadKeyValue(
        ref OtlpJsonReader reader, OtlpDecodeContext context, in ItemList list, ref uint leftOut, out int key, out OtlpValue value)
    {
        key = 0;
        value = default;
        if (reader.IsNull)
            return false;
        if (context.IsFull(list, context.Limits.MaxAttributes, SpanMarks.CutAttributes, ref leftOut))
        {
            reader.Skip();
            return false;
        }

        reader.Enter();
        while (reader.TryReadField(OtlpMessage.KeyValue, out var field))
        {
            switch (field)
            {
                case KeyValue.Key:
                    key = reader.ReadName();
                    break;
                case KeyValue.Value:
                    ReadValue(ref reader, context, ref value);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return true;
    }

    private static void ReadValue(ref OtlpJsonReader reader, OtlpDecodeContext context, ref OtlpValue value)
    {
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.AnyValue, out var field))
        {
            switch (field)
            {
                case AnyValue.StringValue:
                    value = new OtlpValue(AttributeType.String, reader.ReadText());
                    break;
                case AnyValue.BoolValue:
                    value = OtlpValue.Of(reader.ReadBoolean());
                    break;
                case AnyValue.IntValue:
                    value = new OtlpValue(AttributeType.Int64, reader.ReadInt64());
                    break;
                case AnyValue.DoubleValue:
                    value = new OtlpValue(AttributeType.Double, BitConverter.DoubleToInt64Bits(reader.ReadDouble()));
                    break;
                case AnyValue.ArrayValue:
                    value = context.BeginNested(value, AttributeType.Array);
                    JsonNestedValues.ReadArray(ref reader, context);
                    break;
                case AnyValue.KvlistValue:
                    value = context.BeginNested(value, AttributeType.Map);
                    JsonNestedValues.ReadMap(ref reader, context);
                    break;
                case AnyValue.BytesValue:
                    value = context.InternBytes(reader.ReadBase64());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
