using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Jaeger's legacy API: the search, and several traces by their ids.</summary>
public sealed class JaegerSearchFunction(JaegerTraces jaeger, TraceListReader traces, TracingSettings settings, TimeProvider clock)
{
    /// <summary>The traces found, newest first; what could not be had is told in <c>errors</c> of a 200 answer.</summary>
    [Function("jaeger-search")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces")] HttpRequest request, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            var asked = JaegerParameters.Search(request.Query, clock.GetUtcNow(), settings.MaxSearchTraces);
            var isPretty = JaegerParameters.IsPretty(request.Query);
            if (asked.TraceIds.Count > 0)
                return await ByIdAsync(asked, isPretty, cancellation);
            var found = await jaeger.FindAsync(asked.Query, cancellation);
            return JaegerAnswers.Traces(
                found.Traces, trace => jaeger.Show(trace, asked.View),
                found.IsComplete ? [] : [new JaegerError(0, QueryFailures.Incomplete)], isPretty);
        });

    private async Task<IResult> ByIdAsync(JaegerSearch asked, bool isPretty, CancellationToken cancellation)
    {
        var read = await traces.ReadAsync(asked.TraceIds, settings.StrictTraceId, cancellation);
        var missing = asked.TraceIds
            .Where((_, i) => read[i].Count == 0)
            .Select(id => new JaegerError(0, JaegerAnswers.NotFound, id.ToString()));
        return JaegerAnswers.Traces(read, trace => jaeger.Show(trace, asked.View), [.. missing], isPretty);
    }
}
