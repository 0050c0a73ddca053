using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>Zipkin's API: the search. The path exists twice, for Zipkin's page.</summary>
public sealed class ZipkinSearchFunction(TraceSearch search, TracingSettings settings, TimeProvider clock)
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
                return ZipkinAnswers.Traces([], null);
            var found = await search.FindAsync(query, cancellation);
            var spans = found.Traces.Select(trace => GrafanaTraces.IsAsking(request) ? GrafanaTraces.WithRoot(trace.Spans) : trace.Spans);
            return ZipkinAnswers.Traces(spans, found.IsComplete ? StrictTraceId.WarningOf(found.Traces, isStrict) : QueryFailures.Incomplete);
        });

    /// <summary>As <see cref="GetAsync"/>.</summary>
    [Function("zipkin-page-search")]
    public Task<IResult> GetForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/traces")] HttpRequest request, CancellationToken cancellation) =>
        GetAsync(request, cancellation);
}
