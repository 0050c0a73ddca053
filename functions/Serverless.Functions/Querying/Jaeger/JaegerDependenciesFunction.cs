using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Aggregates;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Jaeger's legacy API: which service calls which, how often.</summary>
public sealed class JaegerDependenciesFunction(CurrentAggregates aggregates, TimeProvider clock)
{
    private const long DefaultLookbackMs = 86_400_000;
    private const ulong NanosecondsPerMillisecond = 1_000_000;
    private const long MostMs = long.MaxValue / (long)NanosecondsPerMillisecond;

    /// <summary>The calls in the traces that began in the window, each pair of services once; only those of a service where one is given.</summary>
    [Function("jaeger-dependencies")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/dependencies")] HttpRequest request, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            // Times before 1970 and after 2262 have no spans; they are moved to the ends rather than refused.
            var endMs = Math.Clamp(JaegerParameters.Time(request.Query, "endTs") ?? clock.GetUtcNow().ToUnixTimeMilliseconds(), 0, MostMs);
            var lookbackMs = Math.Clamp(JaegerParameters.Time(request.Query, "lookback") ?? DefaultLookbackMs, -MostMs, MostMs);
            var service = JaegerParameters.Text(request.Query, "service");
            var (window, isComplete) = await aggregates.LinksAsync(
                Nanoseconds(Math.Max(0, endMs - lookbackMs)), Nanoseconds(endMs) + NanosecondsPerMillisecond - 1, cancellation);
            return new JsonAnswer(JsonAnswer.Whole(json =>
            {
                JaegerJsonEnvelope.Begin(json);
                json.WriteStartArray();
                foreach (var link in window.ToList())
                {
                    if (service.Length > 0 && link.Parent != service && link.Child != service)
                        continue;
                    json.WriteStartObject();
                    json.WriteString("parent"u8, link.Parent);
                    json.WriteString("child"u8, link.Child);
                    json.WriteNumber("callCount"u8, link.Calls);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                JaegerJsonEnvelope.End(json);
            }))
            {
                IsIndented = JaegerParameters.IsPretty(request.Query),
                Header = isComplete ? null : CurrentAggregatesWarning.Header,
            };
        });

    private static ulong Nanoseconds(long milliseconds) => (ulong)milliseconds * NanosecondsPerMillisecond;
}
