using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>Zipkin's API: traces by their ids. Each path exists twice, for Zipkin's page.</summary>
public sealed class ZipkinTraceFunctions(TraceStreams traces, TraceListReader lists, TracingSettings settings)
{
    /// <summary>The trace of an id; 404 where there is none.</summary>
    [Function("zipkin-trace")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v2/trace/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        ZipkinAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var traceId = ZipkinTraceId.Parse(id.Trim(), out var normalized);
            var trace = await traces.OpenAsync(traceId, StrictTraceId.Of(request.Query, settings), TraceTimes.Unknown, cancellation);
            request.HttpContext.Response.RegisterForDispose(trace);
            return trace.IsEmpty
                ? ZipkinAnswers.Failure(StatusCodes.Status404NotFound, $"{normalized} not found")
                : ZipkinAnswers.Trace(trace, traces.TimeLimit);
        });

    /// <summary>Those of several traces that exist.</summary>
    [Function("zipkin-traces-by-id")]
    public Task<IResult> GetManyAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v2/traceMany")] HttpRequest request, CancellationToken cancellation) =>
        ZipkinAnswers.AnswerAsync(async () =>
        {
            var ids = ZipkinParameters.TraceIds(request.Query);
            var isStrict = StrictTraceId.Of(request.Query, settings);
            if (!isStrict)
                ids = [.. ids.DistinctBy(id => id.Low)];
            var opened = await lists.OpenAsync([.. ids.Select(id => new FoundTrace(id, null))], isStrict, cancellation);
            return ZipkinAnswers.Traces(opened.Traces, trace => trace.ReadWithoutCircles(), opened.WidthWarning, traces.TimeLimit);
        });

    /// <summary>As <see cref="GetAsync"/>.</summary>
    [Function("zipkin-page-trace")]
    public Task<IResult> GetForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/trace/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellation) =>
        GetAsync(request, id, cancellation);

    /// <summary>As <see cref="GetManyAsync"/>.</summary>
    [Function("zipkin-page-traces-by-id")]
    public Task<IResult> GetManyForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/traceMany")] HttpRequest request, CancellationToken cancellation) =>
        GetManyAsync(request, cancellation);
}
