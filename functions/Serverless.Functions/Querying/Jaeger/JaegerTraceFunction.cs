using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Jaeger's legacy API: one trace.</summary>
public sealed class JaegerTraceFunction(TraceStreams traces, TracingSettings settings)
{
    /// <summary>The trace of an id; 404 where there is none.</summary>
    [Function("jaeger-trace")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            // The server leaves an escaped slash alone, and base64 has slashes.
            var traceId = JaegerTraceId.Parse(Uri.UnescapeDataString(id));
            var times = JaegerParameters.TraceTimes(request.Query);
            var isRaw = JaegerParameters.TraceIsRaw(request.Query);
            var trace = await traces.OpenAsync(traceId, settings.StrictTraceId, times, cancellation);
            request.HttpContext.Response.RegisterForDispose(trace);
            return trace.IsEmpty
                ? JaegerAnswers.Failure(StatusCodes.Status404NotFound, "trace not found")
                : JaegerAnswers.Trace(trace, isRaw, JaegerParameters.IsPretty(request.Query), traces.TimeLimit);
        });
}
