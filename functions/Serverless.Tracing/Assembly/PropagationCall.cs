using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>One side of a call in one trace.</summary>
/// <param name="TraceId">The trace.</param>
/// <param name="SpanId">The span.</param>
/// <param name="Service">The service whose span it is.</param>
/// <param name="Instance">The instance of the service, or empty.</param>
/// <param name="Operation">The span's name.</param>
/// <param name="StartNs">When it began, in nanoseconds since 1970, adjusted for skew.</param>
/// <param name="EndNs">When it ended.</param>
public sealed record PropagationCall(
    TraceId TraceId, SpanId SpanId, string Service, string Instance, string Operation, ulong StartNs, ulong EndNs);
