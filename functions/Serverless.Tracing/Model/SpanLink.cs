namespace Serverless.Tracing.Model;

/// <summary>A pointer from a span to one that is not its parent: OpenTelemetry's link, Jaeger's further references.</summary>
/// <param name="TraceId">The trace pointed to.</param>
/// <param name="SpanId">The span pointed to.</param>
/// <param name="TraceState">W3C trace state of that context, or empty.</param>
/// <param name="Attributes">What the link says, in the order sent.</param>
/// <param name="DroppedAttributes">How many attributes the sender dropped.</param>
/// <param name="Flags">The W3C trace flags and OpenTelemetry's bits above them.</param>
public sealed record SpanLink(
    TraceId TraceId, SpanId SpanId, string TraceState, IReadOnlyList<SpanAttribute> Attributes, uint DroppedAttributes, uint Flags);
