using static Serverless.Tracing.Protocols.Otlp.Metrics.OtlpMetricFields;

namespace Serverless.Tracing.Protocols.Otlp.Metrics;

/// <summary>Reads <c>ResourceMetrics</c> down to the data points that tell of lost spans.</summary>
internal static class JsonMetrics
{
    private const int Delta = 1;
    private const int Cumulative = 2;

    private static readonly byte[][] TemporalityNames =
    [
        "AGGREGATION_TEMPORALITY_UNSPECIFIED"u8.ToArray(), "AGGREGATION_TEMPORALITY_DELTA"u8.ToArray(), "AGGREGATION_TEMPORALITY_CUMULATIVE"u8.ToArray(),
    ];

    public static void Read(ref OtlpJsonReader reader, OtlpDecodeContext context, SpanLossCollector losses)
    {
        if (reader.IsNull)
            return;
        var resource = default(OtlpResource);
        reader.Enter();
        while (reader.TryReadField(OtlpMetricMessage.ResourceMetrics, out var field))
        {
            switch (field)
            {
                case ResourceMetrics.Resource:
                    JsonResources.ReadResource(ref reader, context, ref resource);
                    break;
                case ResourceMetrics.ScopeMetrics:
                    reader.EnterArray();
                    while (reader.TryReadElement())
                        ReadScopeMetrics(ref reader, context, losses);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        losses.SetResource(context.Batch, resource);
    }

    private static void ReadScopeMetrics(ref OtlpJsonReader reader, OtlpDecodeContext context, SpanLossCollector losses)
    {
        if (reader.IsNull)
            return;
        var first = losses.Count;
        var scope = default(OtlpResource);
        reader.Enter();
        while (reader.TryReadField(OtlpMetricMessage.ScopeMetrics, out var field))
        {
            switch (field)
            {
                case ScopeMetrics.Scope:
                    JsonResources.ReadScope(ref reader, context, ref scope);
                    break;
                case ScopeMetrics.Metrics:
                    reader.EnterArray();
                    while (reader.TryReadElement())
                        ReadMetric(ref reader, context, losses);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        losses.SetScope(context.Batch, first, scope);
    }

    private static void ReadMetric(ref OtlpJsonReader reader, OtlpDecodeContext context, SpanLossCollector losses)
    {
        if (reader.IsNull)
            return;
        // Properties come in any order: what the metric is has to be known before its points are looked at.
        var ahead = reader;
        if (!TryFind(ref ahead, context, out var point))
        {
            reader.Skip();
            return;
        }

        reader.Enter();
        while (reader.TryReadField(OtlpMetricMessage.Metric, out var field))
        {
            if (field == Metric.Sum)
                ReadSum(ref reader, context, losses, point);
            else
                reader.Skip();
        }
    }

    private static bool TryFind(ref OtlpJsonReader ahead, OtlpDecodeContext context, out SpanLossPoint point)
    {
        point = default;
        var isFound = false;
        ahead.Enter();
        while (ahead.TryReadField(OtlpMetricMessage.Metric, out var field))
        {
            if (field != Metric.Name)
            {
                ahead.Skip();
                continue;
            }

            var name = ahead.ReadUtf8();
            isFound = SpanLossMetric.TryFind(name, out var metric);
            if (isFound)
                point = new SpanLossPoint { Metric = metric, Name = context.Batch.Intern(name) };
        }

        return isFound;
    }

    private static void ReadSum(ref OtlpJsonReader reader, OtlpDecodeContext context, SpanLossCollector losses, SpanLossPoint point)
    {
        var ahead = reader;
        var (temporality, isMonotonic) = HeadOf(ref ahead);
        if (!isMonotonic || temporality is not (Delta or Cumulative))
        {
            reader.Skip();
            return;
        }

        point.IsDelta = temporality == Delta;
        reader.Enter();
        while (reader.TryReadField(OtlpMetricMessage.Sum, out var field))
        {
            if (field == Sum.DataPoints)
            {
                reader.EnterArray();
                while (reader.TryReadElement())
                    ReadPoint(ref reader, context, losses, point);
            }
            else
                reader.Skip();
        }
    }

    private static (int Temporality, bool IsMonotonic) HeadOf(ref OtlpJsonReader ahead)
    {
        var head = (Temporality: 0, IsMonotonic: false);
        ahead.Enter();
        while (ahead.TryReadField(OtlpMetricMessage.Sum, out var field))
        {
            switch (field)
            {
                case Sum.AggregationTemporality:
                    head.Temporality = ahead.ReadEnum(TemporalityNames);
                    break;
                case Sum.IsMonotonic:
                    head.IsMonotonic = ahead.ReadBoolean();
                    break;
                default:
                    ahead.Skip();
                    break;
            }
        }

        return head;
    }

    private static void ReadPoint(ref OtlpJsonReader reader, OtlpDecodeContext context, SpanLossCollector losses, SpanLossPoint point)
    {
        if (reader.IsNull)
            return;
        if (!context.TryCountSpan())
            reader.Fail($"more than {context.Limits.MaxSpans} data points; send fewer in a request");
        var flags = 0U;
        var leftOut = 0U;
        reader.Enter();
        while (reader.TryReadField(OtlpMetricMessage.NumberDataPoint, out var field))
        {
            switch (field)
            {
                case NumberDataPoint.StartTimeUnixNano:
                    point.StartNs = reader.ReadUInt64();
                    break;
                case NumberDataPoint.TimeUnixNano:
                    point.TimeNs = reader.ReadUInt64();
                    break;
                case NumberDataPoint.AsDouble:
                    point.Value = SpanLossCollector.ValueOf(reader.ReadDouble());
                    break;
                case NumberDataPoint.AsInt:
                    point.Value = SpanLossCollector.ValueOf(reader.ReadInt64());
                    break;
                case NumberDataPoint.Attributes:
                    JsonAttributes.Read(ref reader, context, ref point.Attributes, ref leftOut);
                    break;
                case NumberDataPoint.Flags:
                    flags = reader.ReadUInt32();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        losses.Add(point, flags);
    }
}
