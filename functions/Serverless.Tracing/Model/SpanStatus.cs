namespace Serverless.Tracing.Model;

/// <summary>How a span ended, with OpenTelemetry's numbers.</summary>
public enum SpanStatus : byte
{
    /// <summary>The sender did not say.</summary>
    Unset = 0,

    /// <summary>The sender said that it went well.</summary>
    Ok = 1,

    /// <summary>It failed.</summary>
    Error = 2,
}
