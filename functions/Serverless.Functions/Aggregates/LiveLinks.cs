using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Aggregates;

/// <summary>The calls of a trace that is in flight.</summary>
/// <param name="StartNs">Zipkin's timestamp of the trace, in nanoseconds since 1970.</param>
/// <param name="Links">The calls.</param>
/// <param name="Sign">1 for what is known of the trace now; -1 for what the stored aggregates have of it, which is to be taken back.</param>
internal sealed record LiveLinks(ulong StartNs, IReadOnlyList<ServiceLink> Links, int Sign);
