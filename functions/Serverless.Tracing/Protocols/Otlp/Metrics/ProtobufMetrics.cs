using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Otlp.Metrics.OtlpMetricFields;

namespace Serverless.Tracing.Protocols.Otlp.Metrics;

/// <summary>Reads <c>ResourceMetrics</c> down to the data points that tell of lost spans.</summary>
internal static class ProtobufMetrics
{
    private const ulong Delta = 1;
    private const ulong Cumulative = 2;

    public static void Read(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, SpanLossCollector losses)
    {
        var resource = default(OtlpResource);
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case ResourceMetrics.Resource:
                    ProtobufResources.ReadResource(ref reader, tag, context, ref resource);
                    break;
                case ResourceMetrics.ScopeMetrics:
                    ReadScopeMetrics(ref reader, tag, context, losses);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        losses.SetResource(context.Batch, resource);
    }

    private static void ReadScopeMetrics(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, SpanLossCollector losses)
    {
        var first = losses.Count;
        var scope = default(OtlpResource);
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case ScopeMetrics.Scope:
                    ProtobufResources.ReadScope(ref reader, tag, context, ref scope);
                    break;
                case ScopeMetrics.Metrics:
                    ReadMetric(ref reader, tag, context, losses);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        losses.SetScope(context.Batch, first, scope);
    }

    private static void ReadMetric(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, SpanLossCollector losses)
    {
        // Fields come in any order: what the metric is has to be known before its points are looked at.
        var ahead = reader;
        var name = NameOf(ref ahead, tag);
        if (!SpanLossMetric.TryFind(name, out var metric))
        {
            reader.ReadBytes(tag);
            return;
        }

        var point = new SpanLossPoint { Metric = metric, Name = context.Batch.Intern(name) };
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            if (ProtobufReader.Number(tag) == Metric.Sum)
                ReadSum(ref reader, tag, context, losses, point);
            else
                reader.Skip(tag);
        }

        reader.Leave(outer);
    }

    private static ReadOnlySpan<byte> NameOf(ref ProtobufReader ahead, uint tag)
    {
        ReadOnlySpan<byte> name = [];
        ahead.Enter(tag);
        while (ahead.TryReadTag(out tag))
        {
            if (ProtobufReader.Number(tag) == Metric.Name)
                name = ahead.ReadUtf8(tag);
            else
                ahead.Skip(tag);
        }

        return name;
    }

    private static void ReadSum(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, SpanLossCollector losses, SpanLossPoint point)
    {
        var ahead = reader;
        var (temporality, isMonotonic) = HeadOf(ref ahead, tag);
        if (!isMonotonic || temporality is not (Delta or Cumulative))
        {
            reader.ReadBytes(tag);
            return;
        }

        point.IsDelta = temporality == Delta;
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            if (ProtobufReader.Number(tag) == Sum.DataPoints)
                ReadPoint(ref reader, tag, context, losses, point);
            else
                reader.Skip(tag);
        }

        reader.Leave(outer);
    }

    private static (ulong Temporality, bool IsMonotonic) HeadOf(ref ProtobufReader ahead, uint tag)
    {
        var head = (Temporality: 0UL, IsMonotonic: false);
        ahead.Enter(tag);
        while (ahead.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case Sum.AggregationTemporality:
                    head.Temporality = ahead.ReadVarint(tag);
                    break;
                case Sum.IsMonotonic:
                    head.IsMonotonic = ahead.ReadVarint(tag) != 0;
                    break;
                default:
                    ahead.Skip(tag);
                    break;
            }
        }

        return head;
    }

    private static void ReadPoint(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, SpanLossCollector losses, SpanLossPoint point)
    {
        if (!context.TryCountSpan())
            reader.Fail(reader.FieldOffset, $"more than {context.Limits.MaxSpans} data points; send fewer in a request");
        var flags = 0U;
        var leftOut = 0U;
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case NumberDataPoint.StartTimeUnixNano:
                    point.StartNs = reader.ReadFixed64(tag);
                    break;
                case NumberDataPoint.TimeUnixNano:
                    point.TimeNs = reader.ReadFixed64(tag);
                    break;
                case NumberDataPoint.AsDouble:
                    point.Value = SpanLossCollector.ValueOf(BitConverter.UInt64BitsToDouble(reader.ReadFixed64(tag)));
                    break;
                case NumberDataPoint.AsInt:
                    point.Value = SpanLossCollector.ValueOf((long)reader.ReadFixed64(tag));
                    break;
                case NumberDataPoint.Attributes:
                    ProtobufAttributes.Read(ref reader, tag, context, ref point.Attributes, ref leftOut);
                    break;
                case NumberDataPoint.Flags:
                    flags = (uint)reader.ReadVarint(tag);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        losses.Add(point, flags);
    }
}
