namespace Serverless.Functions.Probing;

/// <summary>What a probe is sent by, in the order in which they are posted. The numbers are stored.</summary>
public enum ProbeProtocol : byte
{
    /// <summary>OTLP over HTTP in protobuf.</summary>
    OtlpProtobuf = 0,

    /// <summary>OTLP over HTTP in JSON.</summary>
    OtlpJson = 1,

    /// <summary>Zipkin's JSON v2.</summary>
    ZipkinJson = 2,

    /// <summary>Zipkin's proto3.</summary>
    ZipkinProtobuf = 3,

    /// <summary>Zipkin's v1 in thrift.</summary>
    ZipkinThrift = 4,

    /// <summary>Jaeger's batches in thrift.</summary>
    JaegerThrift = 5,
}
