using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Protocols;

/// <summary>How much of one request a decoder takes. What is over a limit is cut or refused, and said.</summary>
public sealed record DecodeLimits
{
    /// <summary>The limits that hold where nothing else is set.</summary>
    public static DecodeLimits Default { get; } = new();

    /// <summary>How deep lists, maps and messages may nest; deeper is malformed.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>How many spans a request may bring; more is malformed.</summary>
    public int MaxSpans { get; init; } = 200_000;

    /// <summary>How many attributes a span, event, link, scope or resource keeps; the others are counted as dropped.</summary>
    public int MaxAttributes { get; init; } = 512;

    /// <summary>How many events a span keeps; the others are counted as dropped.</summary>
    public int MaxEvents { get; init; } = 1_024;

    /// <summary>How many links a span keeps; the others are counted as dropped.</summary>
    public int MaxLinks { get; init; } = 1_024;

    /// <summary>The longest name or attribute key in bytes; longer is cut.</summary>
    public int MaxNameBytes { get; init; } = 4_096;

    /// <summary>The longest attribute value in bytes; longer is cut (text at a character) or, where it is no text, left empty.</summary>
    public int MaxValueBytes { get; init; } = 65_536;

    /// <summary>How many attributes a request may bring in all its spans, events, links, scopes and resources; more is malformed.</summary>
    /// <remarks>An empty attribute is two bytes on the wire and 24 in memory: this bounds what 32 MiB of them can take to 48 MB.</remarks>
    public int MaxTotalAttributes { get; init; } = 2_000_000;

    /// <summary>How many events a request may bring in all its spans; more is malformed.</summary>
    public int MaxTotalEvents { get; init; } = 500_000;

    /// <summary>How many links a request may bring in all its spans; more is malformed.</summary>
    public int MaxTotalLinks { get; init; } = 500_000;

    /// <summary>How many distinct texts (names, keys, values) a request may bring; more is malformed.</summary>
    public int MaxTexts { get; init; } = 1_000_000;

    /// <summary>How many distinct endpoints (services with addresses) a request of Zipkin's may bring; more is malformed.</summary>
    public int MaxEndpoints { get; init; } = 200_000;

    /// <summary>Makes a batch keep to the totals. Nobody needs more resources and scopes than spans.</summary>
    internal void Apply(SpanBatch batch) => batch.Limit(MaxTotalAttributes, MaxTotalEvents, MaxTotalLinks, MaxTexts, MaxEndpoints, MaxSpans);
}
