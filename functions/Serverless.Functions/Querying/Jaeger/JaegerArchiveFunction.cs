using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Jaeger's legacy API: keeps a trace beyond retention.</summary>
public sealed class JaegerArchiveFunction(TraceReader traces, TracingSettings settings)
{
    /// <summary>Copies a trace into the archive; a second time adds what has come since. 404 where there is no such trace.</summary>
    [Function("jaeger-archive")]
    public Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/archive/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            var traceId = JaegerTraceId.ParsePath(id);
            JaegerParameters.CheckTimes(request.Query);
            return await traces.ArchiveAsync(traceId, StrictTraceId.Of(request.Query, settings), cancellation)
                ? JaegerAnswers.Done()
                : JaegerAnswers.Failure(StatusCodes.Status404NotFound, JaegerAnswers.NotFound);
        });
}
