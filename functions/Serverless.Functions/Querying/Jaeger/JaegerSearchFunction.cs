using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Jaeger's legacy API: the search, and several traces by their ids.</summary>
public sealed class JaegerSearchFunction(JaegerTraces jaeger, TraceListReader lists, TraceStreams traces, TracingSettings settings, TimeProvider clock)
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
            var errors = new List<JaegerError>();
            IReadOnlyList<FoundTrace> list;
            if (asked.TraceIds.Count > 0)
            {
                var ids = isStrict ? asked.TraceIds : asked.TraceIds.DistinctBy(id => id.Low);
                list = [.. ids.Select(id => new FoundTrace(id, null))];
            }
            else
            {
                var found = await jaeger.FindAsync(asked.Query with { StrictTraceId = isStrict }, cancellation);
                list = found.Traces;
                if (!found.IsComplete)
                    errors.Add(new JaegerError(0, QueryFailures.Incomplete));
            }

            var opened = await lists.OpenAsync(list, isStrict, cancellation);
            return JaegerAnswers.Traces(
                asked.TraceIds.Count > 0 ? NoteMissingAsync(opened.Traces, list, errors) : opened.Traces,
                trace => jaeger.Show(trace.Whole!, asked.View, trace.WidthWarning), trace => jaeger.Show(trace, asked.View), errors, isPretty, traces.TimeLimit);
        });

    private static async IAsyncEnumerable<TraceStream> NoteMissingAsync(
        IAsyncEnumerable<TraceStream> traces, IReadOnlyList<FoundTrace> asked, List<JaegerError> errors)
    {
        var at = 0;
        await foreach (var trace in traces)
        {
            if (trace.IsEmpty)
                errors.Add(new JaegerError(0, JaegerAnswers.NotFound, asked[at].Id.ToString()));
            at++;
            yield return trace;
        }
    }
}
