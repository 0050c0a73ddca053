namespace Serverless.Tracing.Model;

/// <summary>The part that a span plays in a call, with OpenTelemetry's numbers.</summary>
public enum SpanKind : byte
{
    /// <summary>The sender did not say; Zipkin's local spans, Jaeger spans without <c>span.kind</c>.</summary>
    Unspecified = 0,

    /// <summary>Work inside a process.</summary>
    Internal = 1,

    /// <summary>Answers a request.</summary>
    Server = 2,

    /// <summary>Makes a request.</summary>
    Client = 3,

    /// <summary>Sends a message and does not wait.</summary>
    Producer = 4,

    /// <summary>Receives a message.</summary>
    Consumer = 5,
}
