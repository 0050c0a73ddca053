using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads <c>Span.Event</c>.</summary>
internal static class ProtobufEvents
{
    public static void Read(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, ref ItemList list, ref uint leftOut)
    {
        if (context.IsFull(list, context.Limits.MaxEvents, SpanMarks.CutEvents, ref leftOut))
        {
            reader.ReadBytes(tag);
            return;
        }

        ulong timeNs = 0;
        var name = 0;
        var attributes = default(ItemList);
        uint dropped = 0;
        uint attributesLeftOut = 0;
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case Event.TimeUnixNano:
                    timeNs = reader.ReadFixed64(tag);
                    break;
                case Event.Name:
                    name = ProtobufAttributes.ReadName(ref reader, tag, context);
                    break;
                case Event.Attributes:
                    ProtobufAttributes.Read(ref reader, tag, context, ref attributes, ref attributesLeftOut);
                    break;
                case Event.DroppedAttributesCount:
                    dropped = (uint)reader.ReadVarint(tag);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        context.Batch.AddEvent(ref list, timeNs, name, attributes, OtlpCount.Add(dropped, attributesLeftOut));
    }
}
