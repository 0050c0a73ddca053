using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>
/// Reads <c>Span.Link</c>. Ids that are zero or missing are kept so, as OpenTelemetry records links to invalid
/// contexts; ids of another length make the span invalid.
/// </summary>
internal static class ProtobufLinks
{
    public static void Read(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, ref ItemList list, ref OtlpSpan rest)
    {
        if (context.IsFull(list, context.Limits.MaxLinks, SpanMarks.CutLinks, ref rest.LinksLeftOut))
        {
            reader.ReadBytes(tag);
            return;
        }

        var traceId = default(TraceId);
        ulong spanId = 0;
        var traceState = 0;
        var attributes = default(ItemList);
        uint dropped = 0;
        uint attributesLeftOut = 0;
        uint flags = 0;
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case Link.TraceId:
                    traceId = ProtobufSpans.ReadTraceId(ref reader, tag, ref rest);
                    break;
                case Link.SpanId:
                    spanId = ProtobufSpans.ReadSpanId(ref reader, tag, ref rest);
                    break;
                case Link.TraceState:
                    traceState = ProtobufAttributes.ReadText(ref reader, tag, context);
                    break;
                case Link.Attributes:
                    ProtobufAttributes.Read(ref reader, tag, context, ref attributes, ref attributesLeftOut);
                    break;
                case Link.DroppedAttributesCount:
                    dropped = (uint)reader.ReadVarint(tag);
                    break;
                case Link.Flags:
                    flags = reader.ReadFixed32(tag);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        context.Batch.AddLink(
            ref list, traceId, spanId, traceState, attributes, OtlpCount.Add(dropped, attributesLeftOut), flags);
    }
}
