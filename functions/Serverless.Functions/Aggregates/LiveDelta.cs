using Serverless.Tracing.Aggregation;

namespace Serverless.Functions.Aggregates;

/// <summary>What the traces in flight add to the stored aggregates: what is known of them now, less what those have of them.</summary>
/// <param name="Committed">The last item of each partition of hub <c>finalize</c> that the stored aggregates are to be read to.</param>
/// <param name="Spans">The difference of the spans, by minute; its links are not used.</param>
/// <param name="Links">The calls.</param>
/// <param name="IsComplete">False where there were too many traces in flight to be looked at.</param>
internal sealed record LiveDelta(
    IReadOnlyDictionary<string, long> Committed, TraceAggregates Spans, List<LiveLinks> Links, bool IsComplete);
