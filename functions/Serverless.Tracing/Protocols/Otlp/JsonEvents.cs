using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads arrays of <c>Span.Event</c>.</summary>
internal static class JsonEvents
{
    public static void Read(ref OtlpJsonReader reader, OtlpDecodeContext context, ref ItemList list, ref uint leftOut)
    {
        reader.EnterArray();
        while (reader.TryReadElement())
        {
            if (reader.IsNull)
                continue;
            if (context.IsFull(list, context.Limits.MaxEvents, SpanMarks.CutEvents, ref leftOut))
                reader.Skip();
            else
                ReadEvent(ref reader, context, ref list);
        }
    }

    private static void ReadEvent(ref OtlpJsonReader reader, OtlpDecodeContext context, ref ItemList list)
    {
        ulong timeNs = 0;
        var name = 0;
        var attributes = default(ItemList);
        uint dropped = 0;
        uint attributesLeftOut = 0;
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.Event, out var field))
        {
            switch (field)
            {
                case Event.TimeUnixNano:
                    timeNs = reader.ReadUInt64();
                    break;
                case Event.Name:
                    name = reader.ReadName();
                    break;
                case Event.Attributes:
                    JsonAttributes.Read(ref reader, context, ref attributes, ref attributesLeftOut);
                    break;
                case Event.DroppedAttributesCount:
                    dropped = reader.ReadUInt32();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        context.Batch.AddEvent(ref list, timeNs, name, attributes, OtlpCount.Add(dropped, attributesLeftOut));
    }
}
