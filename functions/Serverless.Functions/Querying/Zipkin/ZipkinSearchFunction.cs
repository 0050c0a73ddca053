using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>Zipkin's API: the search. The path exists twice, for Zipkin's page.</summary>
public sealed class ZipkinSearchFunction(TraceSearch search, TraceListReader lists, TraceStreams traces, TracingSettings settings, TimeProvider clock)
{
    /// <summary>The traces found, newest first; a list without entries where there are none.</summary>
    [Function("zipkin-search")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v2/traces")] HttpRequest request, CancellationToken cancellation) =>
        ZipkinAnswers.AnswerAsync(async () =>
        {
            var isStrict = StrictTraceId.Of(request.Query, settings);
            var query = ZipkinParameters.Search(request.Query, clock.GetUtcNow(), settings.MaxSearchTraces) with { StrictTraceId = isStrict };
            if (!settings.SearchEnabled)
                return ZipkinAnswers.NoTraces();
            var found = await search.FindAsync(query, cancellation);
            var isGrafana = GrafanaTraces.IsAsking(request);
            var opened = await lists.OpenAsync(found.Traces, isStrict, cancellation);
            return ZipkinAnswers.Traces(
                opened.Traces, trace => isGrafana && trace.Whole is { } whole ? GrafanaTraces.WithRoot(whole.Spans) : trace.ReadWithoutCircles(),
                found.IsComplete ? opened.WidthWarning : QueryFailures.Incomplete, traces.TimeLimit);
        });

    /// <summary>As <see cref="GetAsync"/>.</summary>
    [Function("zipkin-page-search")]
    public Task<IResult> GetForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/traces")] HttpRequest request, CancellationToken cancellation) =>
        GetAsync(request, cancellation);
}
