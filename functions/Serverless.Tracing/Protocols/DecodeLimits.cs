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
}
