using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>What a verdict rests on. What does not apply is empty, zero or null.</summary>
/// <param name="Text">The evidence in a sentence.</param>
public sealed record VerdictEvidence(string Text)
{
    /// <summary>The span that shows it.</summary>
    public SpanId SpanId { get; init; }

    /// <summary>The service of that span.</summary>
    public string Service { get; init; } = "";

    /// <summary>The instance of that service.</summary>
    public string Instance { get; init; } = "";

    /// <summary>When that span began, in nanoseconds since 1970.</summary>
    public ulong TimeNs { get; init; }

    /// <summary>The id that did not come.</summary>
    public SpanId MissingId { get; init; }

    /// <summary>The service that should have sent what did not come, as far as the other spans tell.</summary>
    public string LikelySender { get; init; } = "";

    /// <summary>How many spans show the same.</summary>
    public int Spans { get; init; } = 1;

    /// <summary>By how much: the delay of a late span, the skew of a clock.</summary>
    public TimeSpan? Amount { get; init; }

    /// <summary>The trace that shows it together with this one.</summary>
    public TraceId OtherTraceId { get; init; }

    internal static VerdictEvidence Of(Span span, string text) => new(text)
    {
        SpanId = span.Id,
        Service = span.ServiceName,
        Instance = SpanOrigin.InstanceOf(span.Resource),
        TimeNs = span.StartNs,
    };
}
