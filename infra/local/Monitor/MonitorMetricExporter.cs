using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Serverless.Local;

/// <summary>Metrics as envelopes, one for each point: what was added since the last time, or a histogram's sum and count.</summary>
internal sealed class MonitorMetricExporter(BreezeTransmitter transmitter) : BaseExporter<Metric>
{
    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        var resource = ParentProvider.GetResource();
        var envelopes = new List<byte[]>();
        foreach (var metric in batch)
        {
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                var (value, count) = Value(metric.MetricType, point);
                var tags = new List<KeyValuePair<string, object?>>();
                foreach (var tag in point.Tags)
                    tags.Add(tag);
                var name = metric.Name;
                envelopes.Add(BreezeEnvelope.Write(
                    "Metric", point.EndTime.UtcDateTime, transmitter.InstrumentationKey, resource, [],
                    json =>
                    {
                        json.WriteStartArray("metrics");
                        json.WriteStartObject();
                        json.WriteString("name", name);
                        json.WriteNumber("value", value);
                        json.WriteNumber("count", count);
                        json.WriteEndObject();
                        json.WriteEndArray();
                        BreezeEnvelope.Properties(json, tags);
                    }));
            }
        }

        return transmitter.Send(envelopes);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            transmitter.Dispose();
        base.Dispose(disposing);
    }

    private static (double Value, long Count) Value(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => (point.GetSumLong(), 1),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => (point.GetSumDouble(), 1),
        MetricType.LongGauge => (point.GetGaugeLastValueLong(), 1),
        MetricType.DoubleGauge => (point.GetGaugeLastValueDouble(), 1),
        _ => (point.GetHistogramSum(), point.GetHistogramCount()),
    };
}
