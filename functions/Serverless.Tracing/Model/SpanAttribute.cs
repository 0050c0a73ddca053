namespace Serverless.Tracing.Model;

/// <summary>A key with its value: OpenTelemetry's attribute, Zipkin's and Jaeger's tag.</summary>
public readonly record struct SpanAttribute(string Key, AttributeValue Value);
