using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>When a batch of reports arrived.</summary>
/// <param name="ArrivedNs">The time of the receiver's clock, in nanoseconds since 1970.</param>
/// <param name="Spans">The reports of the trace in that batch, before they were merged.</param>
public sealed record SpanArrivals(ulong ArrivedNs, IReadOnlyList<Span> Spans);
