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

    /// <summary>Why the span is invalid, or null.</summary>
    public string? InvalidReason;

    /// <summary>The field that is missing where that is why, or null.</summary>
    public string? MissingField;

    /// <summary>The byte at which the field that is invalid begins, or the span where it is missing.</summary>
    public int InvalidOffset;

    /// <summary>Remembers the first thing that makes the span invalid.</summary>
    public void Invalidate(int offset, string reason, string? missingField = null)
    {
        if (InvalidReason is not null)
            return;
        InvalidOffset = offset;
        InvalidReason = reason;
        MissingField = missingField;
    }

    /// <summary>Fills in what follows from several fields, and checks the ids.</summary>
    public void Complete(ref SpanEntry span, OtlpDecodeContext context, int spanOffset)
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
            Invalidate(spanOffset, "missing or all zero; an id of 16 bytes that is not zero expected", "traceId");
        if (span.Id == 0)
            Invalidate(spanOffset, "missing or all zero; an id of 8 bytes that is not zero expected", "spanId");
        if (InvalidReason is null && context.Cut != 0)
            context.MarkTruncated(ref span, context.Cut);
    }

    /// <summary>Why the span is invalid, given the path of what is at <see cref="InvalidOffset"/>.</summary>
    public readonly string Describe(string path) =>
        $"{path}{(MissingField is null ? "" : "." + MissingField)} at byte {InvalidOffset}: {InvalidReason}";

    /// <summary>A number of OTLP's SpanKind; one that it does not have is unspecified.</summary>
    public static SpanKind Kind(int number) => number is >= 0 and <= (int)SpanKind.Consumer ? (SpanKind)number : SpanKind.Unspecified;

    /// <summary>A number of OTLP's StatusCode; one that it does not have is unset.</summary>
    public static SpanStatus Status(int number) => number is >= 0 and <= (int)SpanStatus.Error ? (SpanStatus)number : SpanStatus.Unset;
}
