using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Jaeger's legacy API: one trace.</summary>
public sealed class JaegerTraceFunction(TraceReader traces, JaegerTraces jaeger, TracingSettings settings)
{
    /// <summary>The trace of an id; 404 where there is none.</summary>
    [Function("jaeger-trace")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            var traceId = JaegerTraceId.ParsePath(id);
            var view = JaegerParameters.Trace(request.Query);
            var trace = await traces.ReadAsync(traceId, StrictTraceId.Of(request.Query, settings), cancellation);
            return trace.Count == 0
                ? JaegerAnswers.Failure(StatusCodes.Status404NotFound, JaegerAnswers.NotFound)
                : JaegerAnswers.Traces([trace], spans => jaeger.Show(spans, view), [], JaegerParameters.IsPretty(request.Query));
        });
}
