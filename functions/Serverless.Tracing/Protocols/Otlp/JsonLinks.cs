using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads arrays of <c>Span.Link</c>; ids as in <see cref="ProtobufLinks"/>.</summary>
internal static class JsonLinks
{
    public static void Read(ref OtlpJsonReader reader, OtlpDecodeContext context, ref ItemList list, ref OtlpSpan rest)
    {
        reader.EnterArray();
        while (reader.TryReadElement())
        {
            if (reader.IsNull)
                continue;
            if (context.IsFull(list, context.Limits.MaxLinks, SpanMarks.CutLinks, ref rest.LinksLeftOut))
                reader.Skip();
            else
                ReadLink(ref reader, context, ref list, ref rest);
        }
    }

    private static void ReadLink(ref OtlpJsonReader reader, OtlpDecodeContext context, ref ItemList list, ref OtlpSpan rest)
    {
        var traceId = default(TraceId);
        ulong spanId = 0;
        var traceState = 0;
        var attributes = default(ItemList);
        uint dropped = 0;
        uint attributesLeftOut = 0;
        uint flags = 0;
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.Link, out var field))
        {
            switch (field)
            {
                case Link.TraceId:
                    traceId = JsonSpans.ReadTraceId(ref reader, ref rest);
                    break;
                case Link.SpanId:
                    spanId = JsonSpans.ReadSpanId(ref reader, ref rest);
                    break;
                case Link.TraceState:
                    traceState = reader.ReadText();
                    break;
                case Link.Attributes:
                    JsonAttributes.Read(ref reader, context, ref attributes, ref attributesLeftOut);
                    break;
                case Link.DroppedAttributesCount:
                    dropped = reader.ReadUInt32();
                    break;
                case Link.Flags:
                    flags = reader.ReadUInt32();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        context.Batch.AddLink(
            ref list, traceId, spanId, traceState, attributes, OtlpCount.Add(dropped, attributesLeftOut), flags);
    }
}
