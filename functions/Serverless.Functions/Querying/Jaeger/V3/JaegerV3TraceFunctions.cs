using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Jaeger.V3;

/// <summary>Jaeger's API v3: searches, and one trace.</summary>
public sealed class JaegerV3TraceFunctions(JaegerTraces jaeger, TraceListReader lists, TraceStreams traces, TracingSettings settings)
{
    /// <summary>The traces found, whole, as OTLP; 404 where there are none.</summary>
    [Function("jaeger-v3-traces")]
    public Task<IResult> FindTracesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v3/traces")] HttpRequest request, CancellationToken cancellation) =>
        JaegerV3Answers.AnswerAsync(async () =>
        {
            var (query, view) = JaegerV3Parameters.Search(request.Query, settings.MaxSearchTraces);
            var isStrict = StrictTraceId.Of(request.Query, settings);
            var found = await jaeger.FindAsync(query with { StrictTraceId = isStrict }, cancellation);
            return found.Traces.Count == 0
                ? JaegerV3Answers.Failure(StatusCodes.Status404NotFound, JaegerV3Answers.NotFound)
                : JaegerV3Answers.Traces(
                    (await lists.OpenAsync(found.Traces, isStrict, cancellation)).Traces, trace => jaeger.Show(trace.Whole!, view), trace => jaeger.Show(trace, view), found.IsComplete,
                    traces.TimeLimit);
        });

    /// <summary>The traces found, in short: sums over the whole trace after adjustment. None is an empty list, not 404.</summary>
    [Function("jaeger-v3-trace-summaries")]
    public Task<IResult> FindSummariesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v3/trace-summaries")] HttpRequest request, CancellationToken cancellation) =>
        JaegerV3Answers.AnswerAsync(async () =>
        {
            var (query, _) = JaegerV3Parameters.Search(request.Query, settings.MaxSearchTraces);
            var (summaries, isComplete) = await jaeger.FindSummariesAsync(query with { StrictTraceId = StrictTraceId.Of(request.Query, settings) }, cancellation);
            return new JsonAnswer(async pieces =>
            {
                pieces.Json.WriteStartObject();
                pieces.Json.WriteStartArray("summaries"u8);
                foreach (var summary in summaries)
                {
                    pieces.Json.WriteRawValue(summary, skipInputValidation: true);
                    await pieces.SendAsync();
                }

                pieces.Json.WriteEndArray();
                pieces.Json.WriteEndObject();
            })
            {
                Header = isComplete ? null : JaegerV3Answers.Incomplete,
            };
        });

    /// <summary>The trace of an id as OTLP; 404 where there is none.</summary>
    [Function("jaeger-v3-trace")]
    public Task<IResult> GetTraceAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v3/traces/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        JaegerV3Answers.AnswerAsync(async () =>
        {
            var traceId = JaegerV3Parameters.TraceId(id);
            var view = JaegerV3Parameters.Trace(request.Query);
            var times = JaegerV3Parameters.TraceTimes(request.Query);
            var trace = await traces.OpenAsync(traceId, StrictTraceId.Of(request.Query, settings), times, assembles: !view.IsRaw, cancellation);
            request.HttpContext.Response.RegisterForDispose(trace);
            if (trace.IsEmpty)
                return JaegerV3Answers.Failure(StatusCodes.Status404NotFound, JaegerV3Answers.NotFound);
            return trace.Whole is { } whole
                ? JaegerV3Answers.Trace(jaeger.Show(whole, view))
                : JaegerV3Answers.Large(jaeger.Show(trace, view), traces.TimeLimit);
        });
}
