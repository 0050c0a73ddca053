using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>What the readers of a span keep until its end, beside the span in the batch.</summary>
internal struct OtlpSpan
{
    public ulong EndNs;
    public uint AttributesLeftOut;
    public uint EventsLeftOut;
    public uint LinksLeftOut;

    /// <summary>The field that makes the span invalid, or null.</summary>
    public string? InvalidField;

    /// <summary>Why it does.</summary>
    public string? InvalidReason;

    /// <summary>The byte at which it is.</summary>
    public long InvalidOffset;

    /// <summary>Remembers the first thing that makes the span invalid.</summary>
    public void Invalidate(string field, long offset, string reason)
    {
        if (InvalidField is not null)
            return;
        InvalidField = field;
        InvalidOffset = offset;
        InvalidReason = reason;
    }

    /// <summary>Fills in what follows from several fields, and checks the ids.</summary>
    public void Complete(ref SpanEntry span, OtlpDecodeContext context, long spanOffset)
    {
        if (span.StartNs == 0)
            span.Marks |= SpanMarks.NoStart | SpanMarks.NoDuration;
        else if (EndNs == 0)
            span.Marks |= SpanMarks.NoDuration;
        else
            span.DurationNs = unchecked((long)(EndNs - span.StartNs));
        span.DroppedAttributes = OtlpCount.Add(span.DroppedAttributes, AttributesLeftOut);
        span.DroppedEvents = OtlpCount.Add(span.DroppedEvents, EventsLeftOut);
        span.DroppedLinks = OtlpCount.Add(span.DroppedLinks, LinksLeftOut);
        if ((span.TraceHigh | span.TraceLow) == 0)
            Invalidate("traceId", spanOffset, "missing or all zero; a trace id of 16 bytes, not all zero, expected");
        if (span.Id == 0)
            Invalidate("spanId", spanOffset, "missing or all zero; a span id of 8 bytes, not all zero, expected");
        if (InvalidField is null && context.WasCut)
            context.MarkTruncated(ref span);
    }

    /// <summary>A number of OTLP's SpanKind; one that it does not have is unspecified.</summary>
    public static SpanKind Kind(int number) => number is >= 0 and <= (int)SpanKind.Consumer ? (SpanKind)number : SpanKind.Unspecified;

    /// <summary>A number of OTLP's StatusCode; one that it does not have is unset.</summary>
    public static SpanStatus Status(int number) => number is >= 0 and <= (int)SpanStatus.Error ? (SpanStatus)number : SpanStatus.Unset;
}
