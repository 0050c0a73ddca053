using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>What Jaeger's page of quality metrics shows: how good the newest traces are, by their verdicts.</summary>
public sealed class JaegerQualityFunction(TraceSearch search, TracingSettings settings, TimeProvider clock)
{
    private const int MostTraces = 200;
    private const int MostHours = 24 * 366;

    /// <summary>Scores, and what they are made of, of the newest traces of the last hours (1 by default), of a service or of all.</summary>
    [Function("jaeger-quality-metrics")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/quality-metrics")] HttpRequest request, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            var hours = JaegerParameters.Time(request.Query, "hours") ?? 1;
            if (hours is <= 0 or > MostHours)
                throw JaegerParameters.Unparsed("hours", $"a number of hours from 1 to {MostHours} is expected, not {hours}");
            var service = JaegerParameters.Text(request.Query, "service");
            var found = await search.FindAsync(
                new TraceQuery
                {
                    Semantics = QuerySemantics.SameSpan,
                    ServiceName = service.Length > 0 ? service : null,
                    StartMinNs = Nanoseconds(clock.GetUtcNow().AddHours(-hours)),
                    Limit = Math.Min(MostTraces, settings.MaxSearchTraces),
                },
                cancellation);
            ReadTrace[] traces = [.. found.Held];
            var report = new QualityReport(Judge(traces), Banner(traces.Length, found.IsComplete, found.Traces.Count, service, hours));
            return new JsonAnswer(JsonAnswer.Whole(report.Write)) { IsIndented = JaegerParameters.IsPretty(request.Query) };
        });

    /// <summary>Judges the traces; those on both sides of a break may be among them.</summary>
    private static AssembledTrace[] Judge(IReadOnlyList<ReadTrace> traces)
    {
        AssembledTrace[] assembled = [.. traces.Select(trace => trace.Assemble())];
        var breaks = PropagationBreakDetector.Detect(assembled.Select(trace => trace.Propagation));
        if (breaks.Count == 0)
            return assembled;
        var byTrace = breaks.SelectMany(found => new[] { (found.Received.TraceId, Break: found), (found.Opened.TraceId, Break: found) })
            .ToLookup(side => side.TraceId, side => side.Break);
        for (var i = 0; i < assembled.Length; i++)
        {
            if (byTrace.Contains(assembled[i].Summary.TraceId))
            {
                var context = traces[i].Context;
                context = context with { Breaks = [.. context.Breaks.Concat(byTrace[assembled[i].Summary.TraceId]).Distinct()] };
                assembled[i] = (traces[i] with { Context = context }).Assemble();
            }
        }

        return assembled;
    }

    private static string? Banner(int judged, bool isComplete, int found, string service, long hours)
    {
        var ofService = service.Length > 0 ? $" of {service}" : "";
        if (found == 0)
            return $"No traces{ofService} began in the last {hours} h.";
        if (!isComplete)
            return QueryFailures.Incomplete;
        // What is not held is very large, or one too many.
        return found == MostTraces || judged < found ? $"Of the newest {judged} traces{ofService}." : null;
    }

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)Math.Max(0, (time - DateTimeOffset.UnixEpoch).Ticks) * 100;
}
