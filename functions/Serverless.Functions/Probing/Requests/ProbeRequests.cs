namespace Serverless.Functions.Probing.Requests;

/// <summary>Makes of a trace what is posted. The same trace makes the same bytes.</summary>
internal static class ProbeRequests
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";
    private const string Thrift = "application/x-thrift";

    /// <summary>The posts, in order: one, but for Jaeger, whose batches are those of one process each.</summary>
    public static IReadOnlyList<ProbeRequest> Of(ProbeTrace trace) => trace.Protocol switch
    {
        ProbeProtocol.OtlpProtobuf => [new("/v1/traces", Protobuf, OtlpProtobufRequest.Write(trace.Spans))],
        ProbeProtocol.OtlpJson => [new("/v1/traces", Json, OtlpJsonRequest.Write(trace.Spans))],
        ProbeProtocol.ZipkinJson => [new("/api/v2/spans", Json, ZipkinJsonRequest.Write(trace.Spans))],
        ProbeProtocol.ZipkinProtobuf => [new("/api/v2/spans", Protobuf, ZipkinProtobufRequest.Write(trace.Spans))],
        ProbeProtocol.ZipkinThrift => [new("/api/v1/spans", Thrift, ZipkinThriftRequest.Write(trace.Spans))],
        _ => [.. trace.Spans.GroupBy(span => span.Resource).Select(group => new ProbeRequest("/api/traces", Thrift, JaegerThriftRequest.Write(group.Key, [.. group])))],
    };
}
