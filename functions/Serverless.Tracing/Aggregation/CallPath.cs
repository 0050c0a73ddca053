using Serverless.Tracing.Model;

namespace Serverless.Tracing.Aggregation;

/// <summary>A way that calls take from service to service.</summary>
/// <param name="Steps">The services in the order of the calls.</param>
/// <param name="Examples">Some traces that take it, the first ones added first.</param>
public sealed record CallPath(IReadOnlyList<CallPathStep> Steps, IReadOnlyList<TraceId> Examples);
