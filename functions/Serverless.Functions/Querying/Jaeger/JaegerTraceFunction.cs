using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Jaeger's legacy API: one trace.</summary>
public sealed class JaegerTraceFunction(TraceStreams traces, JaegerTraces jaeger, TracingSettings settings)
{
    /// <summary>The trace of an id; 404 where there is none.</summary>
    [Function("jaeger-trace")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            var traceId = JaegerTraceId.ParsePath(id);
            var view = JaegerParameters.Trace(request.Query);
            var times = JaegerParameters.TraceTimes(request.Query);
            var trace = await traces.OpenAsync(traceId, StrictTraceId.Of(request.Query, settings), times, assembles: !view.IsRaw, cancellation);
            request.HttpContext.Response.RegisterForDispose(trace);
            if (trace.IsEmpty)
                return JaegerAnswers.Failure(StatusCodes.Status404NotFound, JaegerAnswers.NotFound);
            var isPretty = JaegerParameters.IsPretty(request.Query);
            return trace.Whole is { } whole
                ? JaegerAnswers.Traces([jaeger.Show(whole, view, trace.WidthWarning)], [], isPretty)
                : JaegerAnswers.Large(jaeger.Show(trace, view), isPretty, traces.TimeLimit);
        });
}
