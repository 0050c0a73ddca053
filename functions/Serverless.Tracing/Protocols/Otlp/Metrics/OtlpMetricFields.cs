namespace Serverless.Tracing.Protocols.Otlp.Metrics;

/// <summary>
/// The field numbers of an OTLP metrics export request as far as it is read, by message and named as in opentelemetry-proto:
/// <c>collector/metrics/v1/metrics_service.proto</c> and <c>metrics/v1/metrics.proto</c>.
/// </summary>
internal static class OtlpMetricFields
{
    public static class ExportMetricsServiceRequest
    {
        public const uint ResourceMetrics = 1;
    }

    public static class ResourceMetrics
    {
        public const uint Resource = 1;
        public const uint ScopeMetrics = 2;
        public const uint SchemaUrl = 3;
    }

    public static class ScopeMetrics
    {
        public const uint Scope = 1;
        public const uint Metrics = 2;
        public const uint SchemaUrl = 3;
    }

    public static class Metric
    {
        public const uint Name = 1;
        public const uint Sum = 7;
    }

    public static class Sum
    {
        public const uint DataPoints = 1;
        public const uint AggregationTemporality = 2;
        public const uint IsMonotonic = 3;
    }

    public static class NumberDataPoint
    {
        public const uint StartTimeUnixNano = 2;
        public const uint TimeUnixNano = 3;
        public const uint AsDouble = 4;
        public const uint AsInt = 6;
        public const uint Attributes = 7;
        public const uint Flags = 8;
    }
}
