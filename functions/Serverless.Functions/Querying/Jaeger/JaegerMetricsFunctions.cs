using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Aggregates;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Jaeger's metrics API, which its Monitor page shows: latencies, call rates and error rates of services and operations.</summary>
public sealed class JaegerMetricsFunctions(CurrentAggregates aggregates, TimeProvider clock)
{
    private const long MillisecondsPerMinute = 60_000;

    /// <summary>A quantile of the durations.</summary>
    [Function("jaeger-metrics-latencies")]
    public Task<IResult> GetLatenciesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/metrics/latencies")] HttpRequest request, CancellationToken cancellation) =>
        AnswerAsync(request, JaegerMetric.Latencies, cancellation);

    /// <summary>Spans per second.</summary>
    [Function("jaeger-metrics-calls")]
    public Task<IResult> GetCallsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/metrics/calls")] HttpRequest request, CancellationToken cancellation) =>
        AnswerAsync(request, JaegerMetric.CallRate, cancellation);

    /// <summary>The share of the spans that failed.</summary>
    [Function("jaeger-metrics-errors")]
    public Task<IResult> GetErrorsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/metrics/errors")] HttpRequest request, CancellationToken cancellation) =>
        AnswerAsync(request, JaegerMetric.ErrorRate, cancellation);

    /// <summary>The shortest step that tells points apart, in milliseconds: what is counted is counted by minute.</summary>
    [Function("jaeger-metrics-minstep")]
    public Task<IResult> GetMinimumStepAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/metrics/minstep")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Task.FromResult<IResult>(new JsonAnswer(JsonAnswer.Whole(json =>
        {
            JaegerJsonEnvelope.Begin(json);
            json.WriteNumberValue(MillisecondsPerMinute);
            JaegerJsonEnvelope.End(json);
        }))
        {
            IsIndented = JaegerParameters.IsPretty(request.Query),
        });
    }

    private Task<IResult> AnswerAsync(HttpRequest request, JaegerMetric metric, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            var quantile = metric == JaegerMetric.Latencies ? JaegerMetricsParameters.Quantile(request.Query) : 0;
            var asked = JaegerMetricsParameters.Of(request.Query, clock.GetUtcNow());
            var window = new RedWindow(asked.Services, asked.Kinds)
            {
                FirstMinute = Math.Max(0, asked.EndMs - asked.LookbackMs - asked.RateMs) / MillisecondsPerMinute,
                LastMinute = asked.EndMs / MillisecondsPerMinute,
                IsByOperation = asked.IsByOperation,
                HasDurations = metric == JaegerMetric.Latencies,
            };
            var isComplete = await aggregates.SpansAsync(window, cancellation);
            if (window.IsIncomplete)
            {
                throw new InvalidQueryException(
                    $"there are more than {RedWindow.MaxPoints:N0} minutes of operations to be told apart; ask for a shorter 'lookback' or fewer services");
            }

            var answer = new JaegerMetricsAnswer(metric, quantile, asked, window.ToList());
            return new JsonAnswer(answer.WriteAsync)
            {
                IsIndented = JaegerParameters.IsPretty(request.Query),
                Header = isComplete ? null : CurrentAggregatesWarning.Header,
            };
        });
}
