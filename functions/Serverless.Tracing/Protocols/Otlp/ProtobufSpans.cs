using System.Buffers.Binary;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;
using Span = Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers.Span;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads <c>Span</c> and <c>Status</c>.</summary>
internal static class ProtobufSpans
{
    public static void Read(ref ProtobufReader reader, uint tag, OtlpDecodeContext context)
    {
        var offset = reader.FieldOffset;
        if (!context.TryCountSpan())
            reader.Fail(offset, $"more than {context.Limits.MaxSpans} spans; send fewer in a request");
        context.Cut = 0;
        ref var span = ref context.Batch.AddSpan();
        var rest = default(OtlpSpan);
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
            ReadField(ref reader, tag, context, ref span, ref rest);
        reader.Leave(outer);
        rest.Complete(ref span, context, offset);
        if (rest.InvalidReason is not null && context.Reject())
            context.RejectedReason = rest.Describe(reader.PathOf(rest.InvalidOffset));
    }

    private static void ReadField(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, ref SpanEntry span, ref OtlpSpan rest)
    {
        switch (ProtobufReader.Number(tag))
        {
            case Span.TraceId:
                var traceId = ReadTraceId(ref reader, tag, ref rest);
                span.TraceHigh = traceId.High;
                span.TraceLow = traceId.Low;
                break;
            case Span.SpanId:
                span.Id = ReadSpanId(ref reader, tag, ref rest);
                break;
            case Span.TraceState:
                span.TraceState = ProtobufAttributes.ReadText(ref reader, tag, context);
                break;
            case Span.ParentSpanId:
                span.ParentId = ReadSpanId(ref reader, tag, ref rest);
                break;
            case Span.Name:
                span.Name = ProtobufAttributes.ReadName(ref reader, tag, context);
                break;
            case Span.Kind:
                span.Kind = OtlpSpan.Kind((int)reader.ReadVarint(tag));
                break;
            case Span.StartTimeUnixNano:
                span.StartNs = reader.ReadFixed64(tag);
                break;
            case Span.EndTimeUnixNano:
                rest.EndNs = reader.ReadFixed64(tag);
                break;
            case Span.Attributes:
                ProtobufAttributes.Read(ref reader, tag, context, ref span.Attributes, ref rest.AttributesLeftOut);
                break;
            case Span.DroppedAttributesCount:
                span.DroppedAttributes = (uint)reader.ReadVarint(tag);
                break;
            case Span.Events:
                ProtobufEvents.Read(ref reader, tag, context, ref span.Events, ref rest.EventsLeftOut);
                break;
            case Span.DroppedEventsCount:
                span.DroppedEvents = (uint)reader.ReadVarint(tag);
                break;
            case Span.Links:
                ProtobufLinks.Read(ref reader, tag, context, ref span.Links, ref rest);
                break;
            case Span.DroppedLinksCount:
                span.DroppedLinks = (uint)reader.ReadVarint(tag);
                break;
            case Span.Status:
                ReadStatus(ref reader, tag, context, ref span);
                break;
            case Span.Flags:
                span.Flags = reader.ReadFixed32(tag);
                break;
            default:
                reader.Skip(tag);
                break;
        }
    }

    /// <summary>Reads 16 bytes, big-endian, or none.</summary>
    public static TraceId ReadTraceId(ref ProtobufReader reader, uint tag, ref OtlpSpan rest)
    {
        var bytes = reader.ReadBytes(tag);
        if (bytes.Length == 16)
            return new TraceId(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        if (bytes.Length != 0)
            rest.Invalidate(reader.FieldOffset, $"{bytes.Length} bytes; an id of 16 bytes expected");
        return default;
    }

    /// <summary>Reads 8 bytes, big-endian, or none.</summary>
    public static ulong ReadSpanId(ref ProtobufReader reader, uint tag, ref OtlpSpan rest)
    {
        var bytes = reader.ReadBytes(tag);
        if (bytes.Length == 8)
            return BinaryPrimitives.ReadUInt64BigEndian(bytes);
        if (bytes.Length != 0)
            rest.Invalidate(reader.FieldOffset, $"{bytes.Length} bytes; an id of 8 bytes expected");
        return 0;
    }

    private static void ReadStatus(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, ref SpanEntry span)
    {
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case Status.Message:
                    span.StatusMessage = ProtobufAttributes.ReadText(ref reader, tag, context);
                    break;
                case Status.Code:
                    span.Status = OtlpSpan.Status((int)reader.ReadVarint(tag));
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
    }
}
