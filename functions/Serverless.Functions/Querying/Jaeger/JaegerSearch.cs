using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>What a search of Jaeger's legacy API asks for.</summary>
/// <param name="Query">The search; meaningless where there are <paramref name="TraceIds"/>.</param>
/// <param name="TraceIds">The traces asked for by their ids, instead of a search.</param>
/// <param name="View">How the traces are to be shown.</param>
internal sealed record JaegerSearch(TraceQuery Query, IReadOnlyList<TraceId> TraceIds, JaegerView View);
