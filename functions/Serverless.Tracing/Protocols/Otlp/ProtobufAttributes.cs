using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads <c>KeyValue</c> and <c>AnyValue</c> where they are attributes.</summary>
internal static class ProtobufAttributes
{
    /// <summary>Reads one attribute into a list, or counts it as left out where the list is full.</summary>
    public static void Read(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, ref ItemList list, ref uint leftOut)
    {
        if (context.IsFull(list, context.Limits.MaxAttributes, SpanMarks.CutAttributes, ref leftOut))
        {
            reader.ReadBytes(tag);
            return;
        }

        ReadKeyValue(ref reader, tag, context, out var key, out var value);
        context.Add(ref list, key, value);
    }

    /// <summary>As <see cref="Read"/>, and notes the service's name.</summary>
    public static void ReadOfResource(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, ref OtlpResource resource)
    {
        if (context.IsFull(resource.Attributes, context.Limits.MaxAttributes, SpanMarks.CutAttributes, ref resource.LeftOut))
        {
            reader.ReadBytes(tag);
            return;
        }

        ReadKeyValue(ref reader, tag, context, out var key, out var value);
        context.Add(ref resource.Attributes, key, value);
        resource.NoteServiceName(context.Batch, key, value);
    }

    /// <summary>Reads a name or key.</summary>
    public static int ReadName(ref ProtobufReader reader, uint tag, OtlpDecodeContext context)
    {
        var utf8 = reader.ReadBytes(tag);
        if (!context.TryInternName(utf8, out var id))
            reader.FailUtf8(utf8);
        return id;
    }

    /// <summary>Reads a text.</summary>
    public static int ReadText(ref ProtobufReader reader, uint tag, OtlpDecodeContext context)
    {
        var utf8 = reader.ReadBytes(tag);
        if (!context.TryInternValue(utf8, out var id))
            reader.FailUtf8(utf8);
        return id;
    }

    private static void ReadKeyValue(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, out int key, out OtlpValue value)
    {
        key = 0;
        value = default;
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case KeyValue.Key:
                    key = ReadName(ref reader, tag, context);
                    break;
                case KeyValue.Value:
                    ReadValue(ref reader, tag, context, ref value);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
    }

    private static void ReadValue(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, ref OtlpValue value)
    {
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case AnyValue.StringValue:
                    value = new OtlpValue(AttributeType.String, ReadText(ref reader, tag, context));
                    break;
                case AnyValue.BoolValue:
                    value = OtlpValue.Of(reader.ReadVarint(tag) != 0);
                    break;
                case AnyValue.IntValue:
                    value = new OtlpValue(AttributeType.Int64, (long)reader.ReadVarint(tag));
                    break;
                case AnyValue.DoubleValue:
                    value = new OtlpValue(AttributeType.Double, (long)reader.ReadFixed64(tag));
                    break;
                case AnyValue.ArrayValue:
                    value = context.BeginNested(value, AttributeType.Array);
                    ProtobufNestedValues.ReadArray(ref reader, tag, context);
                    break;
                case AnyValue.KvlistValue:
                    value = context.BeginNested(value, AttributeType.Map);
                    ProtobufNestedValues.ReadMap(ref reader, tag, context);
                    break;
                case AnyValue.BytesValue:
                    value = context.InternBytes(reader.ReadBytes(tag));
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
    }
}
