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
            var isStrict = StrictTraceId.Of(request.Query, settings);
            if (asked.TraceIds.Count > 0)
                return await ByIdAsync(asked, isStrict, isPretty, cancellation);
            var found = await jaeger.FindAsync(asked.Query with { StrictTraceId = isStrict }, cancellation);
            return JaegerAnswers.Traces(
                found.Traces.Select(trace => jaeger.Show(trace, asked.View)),
                found.IsComplete ? [] : [new JaegerError(0, QueryFailures.Incomplete)], isPretty);
        });

    private async Task<IResult> ByIdAsync(JaegerSearch asked, bool isStrict, bool isPretty, CancellationToken cancellation)
    {
        var ids = isStrict ? asked.TraceIds : [.. asked.TraceIds.DistinctBy(id => id.Low)];
        var read = await traces.ReadAsync(ids, isStrict, cancellation);
        var missing = ids
            .Where((_, i) => read[i].Spans.Count == 0)
            .Select(id => new JaegerError(0, JaegerAnswers.NotFound, id.ToString()));
        return JaegerAnswers.Traces(read.Select(trace => jaeger.Show(trace, asked.View)), [.. missing], isPretty);
    }
}
