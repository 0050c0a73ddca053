using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Aggregation;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>
/// Writes a metric family as Jaeger's metrics API does: a bare object, one metric for each service, or each operation. A point whose value
/// is not defined, because there were no spans, is the text <c>NaN</c>.
/// </summary>
internal sealed class JaegerMetricsAnswer(JaegerMetric metric, double quantile, JaegerMetricsParameters asked, IReadOnlyList<RedSeries> all)
{
    private const double NanosecondsPerMillisecond = 1_000_000;
    private const double MillisecondsPerSecond = 1_000;
    private const long MillisecondsPerMinute = 60_000;

    /// <summary>Writes the answer.</summary>
    public async Task WriteAsync(JsonPieces pieces)
    {
        var json = pieces.Json;
        var (name, help) = metric switch
        {
            JaegerMetric.Latencies => (
                "latencies", string.Create(CultureInfo.InvariantCulture, $"{quantile:F2}th quantile latency, grouped by service")),
            JaegerMetric.CallRate => ("call_rate", "calls/sec, grouped by service"),
            _ => ("error_rate", "error rate, computed as a fraction of errors/sec over calls/sec, grouped by service"),
        };
        json.WriteStartObject();
        json.WriteString("name"u8, (asked.IsByOperation ? "service_operation_" : "service_") + name);
        json.WriteString("type"u8, "GAUGE"u8);
        json.WriteString("help"u8, asked.IsByOperation ? help + " & operation" : help);
        json.WriteStartArray("metrics"u8);
        foreach (var series in all)
        {
            json.WriteStartObject();
            WriteLabels(json, series);
            json.WriteStartArray("metricPoints"u8);
            await WritePointsAsync(pieces, series);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLabels(Utf8JsonWriter json, RedSeries series)
    {
        json.WriteStartArray("labels"u8);
        // The page takes the first label for the service.
        WriteLabel(json, "service_name"u8, series.Service);
        if (series.Operation is { } operation)
            WriteLabel(json, "operation"u8, operation);
        json.WriteEndArray();
    }

    private static void WriteLabel(Utf8JsonWriter json, ReadOnlySpan<byte> name, string value)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("value"u8, value);
        json.WriteEndObject();
    }

    /// <summary>
    /// At each point the minutes count that begin in the time before it: those that come in are added to, and those that fall out
    /// taken from, what the point before has.
    /// </summary>
    private async Task WritePointsAsync(JsonPieces pieces, RedSeries series)
    {
        var minutes = series.Minutes;
        var sums = default(RedSums);
        var durations = new ExponentialHistogram();
        var (into, outOf) = (0, 0);
        for (var at = asked.EndMs - asked.LookbackMs; at <= asked.EndMs; at += asked.StepMs)
        {
            for (; into < minutes.Count && minutes[into] * MillisecondsPerMinute <= at; into++)
                Add(minutes[into], 1);
            for (; outOf < into && minutes[outOf] * MillisecondsPerMinute <= at - asked.RateMs; outOf++)
                Add(minutes[outOf], -1);
            WritePoint(pieces.Json, at, Value(sums, durations));
            await pieces.SendAsync();
        }

        void Add(long minute, int sign)
        {
            var more = series.SumsAt(minute);
            sums += new RedSums(sign * more.Calls, sign * more.Errors, sign * more.DurationNs);
            if (series.DurationsAt(minute) is { } some)
                durations.Add(some, sign);
        }
    }

    private double Value(RedSums sums, ExponentialHistogram durations)
    {
        var calls = Math.Max(0, sums.Calls);
        return metric switch
        {
            JaegerMetric.Latencies => durations.Quantile(quantile) / NanosecondsPerMillisecond,
            JaegerMetric.CallRate => calls * MillisecondsPerSecond / asked.RateMs,
            _ => calls == 0 ? double.NaN : Math.Clamp((double)sums.Errors / calls, 0, 1),
        };
    }

    private static void WritePoint(Utf8JsonWriter json, long atMs, double value)
    {
        json.WriteStartObject();
        json.WriteStartObject("gaugeValue"u8);
        if (double.IsNaN(value))
            json.WriteString("doubleValue"u8, "NaN"u8);
        else
            json.WriteNumber("doubleValue"u8, value);
        json.WriteEndObject();
        var time = DateTimeOffset.FromUnixTimeMilliseconds(atMs);
        json.WriteString("timestamp"u8, time.ToString(atMs % 1_000 == 0 ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }
}
