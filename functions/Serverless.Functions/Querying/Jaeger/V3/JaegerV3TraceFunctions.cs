using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Querying.Jaeger.V3;

/// <summary>Jaeger's API v3: searches, and one trace.</summary>
public sealed class JaegerV3TraceFunctions(JaegerTraces jaeger, TraceStreams traces, TracingSettings settings)
{
    /// <summary>The traces found, whole, as OTLP; 404 where there are none.</summary>
    [Function("jaeger-v3-traces")]
    public Task<IResult> FindTracesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v3/traces")] HttpRequest request, CancellationToken cancellation) =>
        JaegerV3Answers.AnswerAsync(async () =>
        {
            var (query, view) = JaegerV3Parameters.Search(request.Query, settings.MaxSearchTraces);
            var found = await jaeger.FindAsync(query with { StrictTraceId = StrictTraceId.Of(request.Query, settings) }, cancellation);
            return JaegerV3Answers.Traces(found.Traces, trace => jaeger.Show(trace, view), found.IsComplete);
        });

    /// <summary>The traces found, in short: sums over the whole trace after adjustment. None is an empty list, not 404.</summary>
    [Function("jaeger-v3-trace-summaries")]
    public Task<IResult> FindSummariesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v3/trace-summaries")] HttpRequest request, CancellationToken cancellation) =>
        JaegerV3Answers.AnswerAsync(async () =>
        {
            var (query, _) = JaegerV3Parameters.Search(request.Query, settings.MaxSearchTraces);
            var found = await jaeger.FindAsync(query with { StrictTraceId = StrictTraceId.Of(request.Query, settings) }, cancellation);
            return new JsonAnswer(async pieces =>
            {
                pieces.Json.WriteStartObject();
                pieces.Json.WriteStartArray("summaries"u8);
                foreach (var trace in found.Traces)
                {
                    JaegerSummaryWriter.Write(pieces.Json, jaeger.Assemble(trace, JaegerView.Adjusted));
                    await pieces.SendAsync();
                }

                pieces.Json.WriteEndArray();
                pieces.Json.WriteEndObject();
            })
            {
                Header = found.IsComplete ? null : JaegerV3Answers.Incomplete,
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
            var trace = await traces.OpenAsync(traceId, StrictTraceId.Of(request.Query, settings), times, cancellation);
            request.HttpContext.Response.RegisterForDispose(trace);
            return trace.Whole is { } whole
                ? JaegerV3Answers.Traces([whole], spans => jaeger.Show(spans, view))
                : JaegerV3Answers.Large(trace, view.IsRaw, traces.TimeLimit);
        });
}
