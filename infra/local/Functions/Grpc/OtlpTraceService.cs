namespace Serverless.Local;

/// <summary>The method that the runner answers, and the function that carries it out.</summary>
/// <remarks>opentelemetry-proto: opentelemetry/proto/collector/trace/v1/trace_service.proto.</remarks>
internal static class OtlpTraceService
{
    /// <summary>The method's path.</summary>
    public const string Export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    /// <summary>The route of the function that takes and answers the same messages over HTTP.</summary>
    public const string Route = "/v1/traces";

    /// <summary>The type of the messages there.</summary>
    public const string MessageType = "application/x-protobuf";
}
