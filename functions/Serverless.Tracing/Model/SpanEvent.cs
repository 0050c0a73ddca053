namespace Serverless.Tracing.Model;

/// <summary>Something that happened at a moment of a span: OpenTelemetry's event, Zipkin's annotation, Jaeger's log.</summary>
/// <param name="TimeNs">When, in nanoseconds since 1970.</param>
/// <param name="Name">What.</param>
/// <param name="Attributes">The details, in the order sent.</param>
/// <param name="DroppedAttributes">How many details the sender dropped.</param>
public sealed record SpanEvent(ulong TimeNs, string Name, IReadOnlyList<SpanAttribute> Attributes, uint DroppedAttributes);
