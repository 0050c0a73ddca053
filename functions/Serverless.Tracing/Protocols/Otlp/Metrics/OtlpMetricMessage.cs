using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Protobuf.ProtobufMessage;
using F = Serverless.Tracing.Protocols.Otlp.Metrics.OtlpMetricFields;

namespace Serverless.Tracing.Protocols.Otlp.Metrics;

/// <summary>The messages of a metrics export request that are read.</summary>
internal static class OtlpMetricMessage
{
    public static readonly ProtobufMessage Request = new();
    public static readonly ProtobufMessage ResourceMetrics = new();
    public static readonly ProtobufMessage ScopeMetrics = new();
    public static readonly ProtobufMessage Metric = new();
    public static readonly ProtobufMessage Sum = new();
    public static readonly ProtobufMessage NumberDataPoint = new();
    public static readonly ProtobufSchema Schema = new(OtlpMessage.Schema.Format, Request);

    static OtlpMetricMessage()
    {
        Request.Set(Many(F.ExportMetricsServiceRequest.ResourceMetrics, "resource_metrics", ResourceMetrics));
        ResourceMetrics.Set(
            One(F.ResourceMetrics.Resource, "resource", OtlpMessage.Resource),
            Many(F.ResourceMetrics.ScopeMetrics, "scope_metrics", ScopeMetrics),
            One(F.ResourceMetrics.SchemaUrl, "schema_url"));
        ScopeMetrics.Set(
            One(F.ScopeMetrics.Scope, "scope", OtlpMessage.InstrumentationScope),
            Many(F.ScopeMetrics.Metrics, "metrics", Metric),
            One(F.ScopeMetrics.SchemaUrl, "schema_url"));
        Metric.Set(One(F.Metric.Name, "name"), One(F.Metric.Sum, "sum", Sum));
        Sum.Set(
            Many(F.Sum.DataPoints, "data_points", NumberDataPoint),
            One(F.Sum.AggregationTemporality, "aggregation_temporality"),
            One(F.Sum.IsMonotonic, "is_monotonic"));
        NumberDataPoint.Set(
            One(F.NumberDataPoint.StartTimeUnixNano, "start_time_unix_nano"),
            One(F.NumberDataPoint.TimeUnixNano, "time_unix_nano"),
            One(F.NumberDataPoint.AsDouble, "as_double"),
            One(F.NumberDataPoint.AsInt, "as_int"),
            Many(F.NumberDataPoint.Attributes, "attributes", OtlpMessage.KeyValue),
            One(F.NumberDataPoint.Flags, "flags"));
    }
}
