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

    /// <summary>What was cut: attributes over their number, of the span or its resource, scope, events or links.</summary>
    CutAttributes = 64,

    /// <summary>What was cut: events over their number.</summary>
    CutEvents = 128,

    /// <summary>What was cut: links over their number.</summary>
    CutLinks = 256,

    /// <summary>What was cut: a name or key.</summary>
    CutName = 512,

    /// <summary>What was cut: a value, or a time that is beyond what can be told.</summary>
    CutValue = 1_024,
}
