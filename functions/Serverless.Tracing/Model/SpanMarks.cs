namespace Serverless.Tracing.Model;

/// <summary>What is known about a span beyond its fields.</summary>
[Flags]
public enum SpanMarks : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Zipkin: a server span that reports under its client's id.</summary>
    Shared = 1,

    /// <summary>B3's debug flag: keep whatever the sampling.</summary>
    Debug = 2,

    /// <summary>The sender gave no start (Zipkin allows that); the start reads 0.</summary>
    NoStart = 4,

    /// <summary>The sender gave no duration (Zipkin allows that); the duration reads 0.</summary>
    NoDuration = 8,

    /// <summary>Something of the span was over a limit and was cut.</summary>
    Truncated = 16,

    /// <summary>The start is before 1971 or more than a day ahead of the receiver's clock.</summary>
    ClockSuspect = 32,
}
