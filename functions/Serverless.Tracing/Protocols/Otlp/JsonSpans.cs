using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;
using Span = Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers.Span;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads <c>Span</c> and <c>Status</c>.</summary>
internal static class JsonSpans
{
    private static readonly byte[][] KindNames =
    [
        "SPAN_KIND_UNSPECIFIED"u8.ToArray(), "SPAN_KIND_INTERNAL"u8.ToArray(), "SPAN_KIND_SERVER"u8.ToArray(),
        "SPAN_KIND_CLIENT"u8.ToArray(), "SPAN_KIND_PRODUCER"u8.ToArray(), "SPAN_KIND_CONSUMER"u8.ToArray(),
    ];

    private static readonly byte[][] StatusCodeNames =
        ["STATUS_CODE_UNSET"u8.ToArray(), "STATUS_CODE_OK"u8.ToArray(), "STATUS_CODE_ERROR"u8.ToArray()];

    public static void Read(ref OtlpJsonReader reader, OtlpDecodeContext context)
    {
        if (reader.IsNull)
            return;
        var offset = reader.Offset;
        if (!context.TryCountSpan())
            reader.Fail($"more than {context.Limits.MaxSpans} spans; send fewer in a request");
        context.Cut = 0;
        ref var span = ref context.Batch.AddSpan();
        var rest = default(OtlpSpan);
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.Span, out var field))
            ReadField(ref reader, field, context, ref span, ref rest);
        rest.Complete(ref span, context, offset);
        if (rest.InvalidReason is not null && context.Reject())
            context.RejectedReason = rest.Describe(reader.PathOf(rest.InvalidOffset));
    }

    private static void ReadField(ref OtlpJsonReader reader, uint field, OtlpDecodeContext context, ref SpanEntry span, ref OtlpSpan rest)
    {
        switch (field)
        {
            case Span.TraceId:
                var traceId = ReadTraceId(ref reader, ref rest);
                span.TraceHigh = traceId.High;
                span.TraceLow = traceId.Low;
                break;
            case Span.SpanId:
                span.Id = ReadSpanId(ref reader, ref rest);
                break;
            case Span.TraceState:
                span.TraceState = reader.ReadText();
                break;
            case Span.ParentSpanId:
                span.ParentId = ReadSpanId(ref reader, ref rest);
                break;
            case Span.Name:
                span.Name = reader.ReadName();
                break;
            case Span.Kind:
                span.Kind = OtlpSpan.Kind(reader.ReadEnum(KindNames));
                break;
            case Span.StartTimeUnixNano:
                span.StartNs = reader.ReadUInt64();
                break;
            case Span.EndTimeUnixNano:
                rest.EndNs = reader.ReadUInt64();
                break;
            case Span.Attributes:
                JsonAttributes.Read(ref reader, context, ref span.Attributes, ref rest.AttributesLeftOut);
                break;
            case Span.DroppedAttributesCount:
                span.DroppedAttributes = reader.ReadUInt32();
                break;
            case Span.Events:
                JsonEvents.Read(ref reader, context, ref span.Events, ref rest.EventsLeftOut);
                break;
            case Span.DroppedEventsCount:
                span.DroppedEvents = reader.ReadUInt32();
                break;
            case Span.Links:
                JsonLinks.Read(ref reader, context, ref span.Links, ref rest);
                break;
            case Span.DroppedLinksCount:
                span.DroppedLinks = reader.ReadUInt32();
                break;
            case Span.Status:
                ReadStatus(ref reader, ref span);
                break;
            case Span.Flags:
                span.Flags = reader.ReadUInt32();
                break;
            default:
                reader.Skip();
                break;
        }
    }

    /// <summary>Reads 32 hex digits, or none.</summary>
    public static TraceId ReadTraceId(ref OtlpJsonReader reader, ref OtlpSpan rest)
    {
        var hex = reader.ReadUtf8();
        if (hex.Length == 32 && HexDigits.TryRead(hex[..16], out var high) && HexDigits.TryRead(hex[16..], out var low))
            return new TraceId(high, low);
        if (!hex.IsEmpty)
            rest.Invalidate(reader.Offset, $"\"{OtlpJsonPath.Printable(hex)}\"; an id of 32 hex digits expected");
        return default;
    }

    /// <summary>Reads 16 hex digits, or none.</summary>
    public static ulong ReadSpanId(ref OtlpJsonReader reader, ref OtlpSpan rest)
    {
        var hex = reader.ReadUtf8();
        if (hex.Length == 16 && HexDigits.TryRead(hex, out var id))
            return id;
        if (!hex.IsEmpty)
            rest.Invalidate(reader.Offset, $"\"{OtlpJsonPath.Printable(hex)}\"; an id of 16 hex digits expected");
        return 0;
    }

    private static void ReadStatus(ref OtlpJsonReader reader, ref SpanEntry span)
    {
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.Status, out var field))
        {
            switch (field)
            {
                case Status.Message:
                    span.StatusMessage = reader.ReadText();
                    break;
                case Status.Code:
                    span.Status = OtlpSpan.Status(reader.ReadEnum(StatusCodeNames));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
