namespace Serverless.Local;

/// <summary>The methods that the runner answers, and the functions that carry them out.</summary>
/// <remarks>
/// opentelemetry-proto: opentelemetry/proto/collector/trace/v1/trace_service.proto and opentelemetry/proto/collector/metrics/v1/metrics_service.proto.
/// </remarks>
internal static class OtlpServices
{
    /// <summary>The path of the method that takes spans.</summary>
    public const string ExportTraces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    /// <summary>The path of the method that takes metrics.</summary>
    public const string ExportMetrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    /// <summary>The type of the messages there and here.</summary>
    public const string MessageType = "application/x-protobuf";

    /// <summary>The route of the function that takes and answers the same messages over HTTP; null where there is no such method.</summary>
    public static string? RouteOf(string? method) => method switch
    {
        ExportTraces => "/v1/traces",
        ExportMetrics => "/v1/metrics",
        _ => null,
    };
}
