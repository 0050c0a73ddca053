namespace Serverless.Tracing.Model;

/// <summary>The protocol that a span came in by.</summary>
public enum SpanProtocol : byte
{
    /// <summary>OpenTelemetry's OTLP.</summary>
    Otlp = 1,

    /// <summary>Zipkin, v1 or v2.</summary>
    Zipkin = 2,

    /// <summary>Jaeger's thrift.</summary>
    Jaeger = 3,
}
