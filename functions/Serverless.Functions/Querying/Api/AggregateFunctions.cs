using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Aggregates;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Api;

/// <summary>Our own API: what is counted over all traces of a time, those in flight included.</summary>
public sealed class AggregateFunctions(CurrentAggregates aggregates, TimeProvider clock)
{
    private const ulong NanosecondsPerMinute = 60_000_000_000;

    private static readonly TimeSpan DefaultLookback = TimeSpan.FromHours(1);

    private static readonly SpanKind[] AllKinds =
        [SpanKind.Unspecified, SpanKind.Internal, SpanKind.Server, SpanKind.Client, SpanKind.Producer, SpanKind.Consumer];

    private static readonly (string Name, double Share)[] Quantiles = [("p50Ns", 0.5), ("p90Ns", 0.9), ("p95Ns", 0.95), ("p99Ns", 0.99)];

    /// <summary>Which service called which in the traces that began in the window.</summary>
    [Function("query-links")]
    public Task<IResult> GetLinksAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/links")] HttpRequest request, CancellationToken cancellation) =>
        ApiAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var parameters = new ApiParameters(request.Query, [], "service", "start", "end");
            var (fromNs, toNs) = Window(parameters);
            var service = parameters.Text("service");
            var (window, isComplete) = await aggregates.LinksAsync(fromNs, toNs, cancellation);
            return JsonAnswer.Of(json =>
            {
                json.WriteStartObject();
                TraceJson.WriteLinks(json, [.. window.ToList().Where(link => service is null || link.Parent == service || link.Child == service)]);
                WriteEnd(json, fromNs, toNs, isComplete);
            });
        });

    /// <summary>Calls, errors and durations of spans, by service or by operation, in the minutes of the window.</summary>
    [Function("query-metrics")]
    public Task<IResult> GetMetricsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/metrics")] HttpRequest request, CancellationToken cancellation) =>
        ApiAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var parameters = new ApiParameters(request.Query, ["service"], "kind", "by", "start", "end");
            var (fromNs, toNs) = Window(parameters);
            string[] services = [.. parameters.Texts("service")];
            var window = new RedWindow(services.Length > 0 ? services : null, parameters.Kind("kind") is { } kind ? [kind] : AllKinds)
            {
                FirstMinute = (long)(fromNs / NanosecondsPerMinute),
                LastMinute = (long)(toNs / NanosecondsPerMinute),
                IsByOperation = parameters.Text("by") switch
                {
                    null or "service" => false,
                    "operation" => true,
                    var text => throw ApiParameters.Invalid("by", $"is service or operation, not '{text}'"),
                },
                HasDurations = true,
            };
            var isComplete = await aggregates.SpansAsync(window, cancellation);
            if (window.IsIncomplete)
            {
                throw ApiParameters.Invalid("start", string.Create(
                    CultureInfo.InvariantCulture, $"gives more than {RedWindow.MaxPoints:N0} minutes of services or operations to be told apart; ask for a shorter time or fewer services"));
            }

            return new JsonAnswer(async pieces =>
            {
                pieces.Json.WriteStartObject();
                pieces.Json.WriteStartArray("series"u8);
                foreach (var series in window.ToList())
                {
                    Write(pieces.Json, series);
                    await pieces.SendAsync();
                }

                pieces.Json.WriteEndArray();
                WriteEnd(pieces.Json, fromNs, toNs, isComplete);
            });
        });

    private (ulong FromNs, ulong ToNs) Window(ApiParameters parameters)
    {
        var end = parameters.Time("end") ?? (ulong)(clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        var start = parameters.Time("start") ?? end - Math.Min(end, (ulong)DefaultLookback.Ticks * 100);
        return start <= end ? (start, end) : throw ApiParameters.Invalid("start", "lies behind the end");
    }

    private static void Write(Utf8JsonWriter json, RedSeries series)
    {
        var sums = default(RedSums);
        var durations = new ExponentialHistogram();
        json.WriteStartObject();
        json.WriteString("service"u8, series.Service);
        json.WriteString("operation"u8, series.Operation);
        json.WriteStartArray("minutes"u8);
        foreach (var minute in series.Minutes)
        {
            // Less than nothing is left where what was counted in flight is counted elsewhere by now.
            if (series.SumsAt(minute) is not { Calls: > 0 } of || series.DurationsAt(minute) is not { } ofDurations)
                continue;
            json.WriteStartObject();
            TraceJson.WriteTime(json, "startUnixNano"u8, (ulong)minute * NanosecondsPerMinute);
            Write(json, of, ofDurations);
            json.WriteEndObject();
            sums += of;
            durations.Add(ofDurations);
        }

        json.WriteEndArray();
        Write(json, sums, durations);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RedSums sums, ExponentialHistogram durations)
    {
        json.WriteNumber("calls"u8, sums.Calls);
        json.WriteNumber("errors"u8, Math.Max(0, sums.Errors));
        json.WriteNumber("durationNs"u8, (decimal)Int128.Max(0, sums.DurationNs));
        foreach (var (name, share) in Quantiles)
        {
            if (durations.Quantile(share) is var quantile && double.IsNaN(quantile))
                json.WriteNull(name);
            else
                json.WriteNumber(name, (long)Math.Min(quantile, long.MaxValue));
        }
    }

    private static void WriteEnd(Utf8JsonWriter json, ulong fromNs, ulong toNs, bool isComplete)
    {
        json.WriteStartObject("window"u8);
        TraceJson.WriteTime(json, "startUnixNano"u8, fromNs);
        TraceJson.WriteTime(json, "endUnixNano"u8, toNs);
        json.WriteEndObject();
        json.WriteBoolean("isComplete"u8, isComplete);
        json.WriteString("advice"u8, isComplete ? null : CurrentAggregates.Incomplete);
        json.WriteEndObject();
    }
}
