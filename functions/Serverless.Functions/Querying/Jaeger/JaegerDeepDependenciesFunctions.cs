using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>
/// The paths of calls through a service, for Jaeger's page of deep dependencies: from the newest traces of the service. Its page and its
/// backend have different paths for it; both are served.
/// </summary>
public sealed class JaegerDeepDependenciesFunctions(TraceSearch search, TracingSettings settings, TimeProvider clock)
{
    private const int MostTraces = 200;
    private const int MostPaths = 1_000;
    private const long NanosecondsPerMicrosecond = 1_000;

    private static readonly TimeSpan DefaultLookback = TimeSpan.FromDays(2);

    /// <summary>Where Jaeger's page asks.</summary>
    [Function("jaeger-analytics-dependencies")]
    public Task<IResult> GetForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "analytics/v1/dependencies")] HttpRequest request, CancellationToken cancellation) =>
        GetAsync(request, cancellation);

    /// <summary>The paths, each with the ids of traces that take it; every one leads through the service.</summary>
    [Function("jaeger-deep-dependencies")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/deep-dependencies")] HttpRequest request, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            var service = JaegerParameters.RequiredService(request.Query);
            var operation = JaegerParameters.Text(request.Query, "operation") is { Length: > 0 } text ? text : null;
            var (startNs, endNs) = Window(request.Query);
            var found = await search.FindAsync(
                new TraceQuery
                {
                    Semantics = QuerySemantics.SameSpan, ServiceName = service, SpanName = operation, StartMinNs = startNs, StartMaxNs = endNs,
                    Limit = Math.Min(MostTraces, settings.MaxSearchTraces),
                },
                cancellation);
            var paths = new CallPaths();
            foreach (var trace in found.Held)
                paths.Add(trace.Assemble());
            return new JsonAnswer(pieces => WriteAsync(pieces, paths.Through(service, operation, MostPaths)))
            {
                IsIndented = JaegerParameters.IsPretty(request.Query),
                Header = found.IsComplete ? null : ("Warning", $"199 - \"{QueryFailures.Incomplete}\""),
            };
        });

    // The page always sends 0 for both; other times are in microseconds, as elsewhere in this API.
    private (ulong StartNs, ulong EndNs) Window(IQueryCollection parameters)
    {
        var endUs = JaegerParameters.Time(parameters, "end") is > 0 and var end ? end : Microseconds(clock.GetUtcNow());
        var startUs = JaegerParameters.Time(parameters, "start") is > 0 and var start ? start : endUs - (DefaultLookback.Ticks / TimeSpan.TicksPerMicrosecond);
        return (Nanoseconds(startUs), Nanoseconds(endUs) + (ulong)NanosecondsPerMicrosecond - 1);
    }

    private static async Task WriteAsync(JsonPieces pieces, IReadOnlyList<CallPath> paths)
    {
        var json = pieces.Json;
        json.WriteStartObject();
        json.WriteStartArray("dependencies"u8);
        foreach (var path in paths)
        {
            json.WriteStartObject();
            json.WriteStartArray("path"u8);
            foreach (var step in path.Steps)
            {
                json.WriteStartObject();
                json.WriteString("service"u8, step.Service);
                json.WriteString("operation"u8, step.Operation);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("attributes"u8);
            foreach (var example in path.Examples)
            {
                json.WriteStartObject();
                json.WriteString("key"u8, "exemplar_trace_id"u8);
                json.WriteString("value"u8, example.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            await pieces.SendAsync();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static ulong Nanoseconds(long microseconds) =>
        (ulong)Math.Clamp(microseconds, 0, long.MaxValue / NanosecondsPerMicrosecond) * (ulong)NanosecondsPerMicrosecond;
}
