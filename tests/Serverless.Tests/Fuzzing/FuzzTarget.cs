using System.Text;
using Serverless.Tests.Protocols.Otlp;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Jaeger;
using Serverless.Tracing.Protocols.Otlp;
using Serverless.Tracing.Protocols.Otlp.Metrics;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Tests.Fuzzing;

/// <summary>A decoder that is fed with broken bodies, and the good ones that they are made of.</summary>
/// <param name="Name">The target's name, as <c>SERVERLESS_FUZZ_TARGETS</c> takes it.</param>
/// <param name="Format">The format's name in errors.</param>
/// <param name="Folder">The folder below tests/data that holds the format's bodies.</param>
/// <param name="Extension">How the names of this target's files end there.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Structure">How bodies are built.</param>
/// <param name="Decode">Decodes into a batch that has been reset.</param>
internal sealed record FuzzTarget(
    string Name, string Format, string Folder, string Extension, SpanProtocol Protocol, FuzzFormat Structure, FuzzTarget.Decoding Decode)
{
    public const string FoundFolder = "found";

    public delegate DecodeResult Decoding(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits);

    public static FuzzTarget[] All()
    {
        var zipkinJson = new ZipkinJsonDecoder();
        var zipkinJsonV1 = new ZipkinJsonV1Decoder();
        var zipkinProto3 = new ZipkinProtobufDecoder();
        var zipkinThrift = new ZipkinThriftDecoder();
        var otlpProtobuf = new OtlpProtobufDecoder();
        var otlpJson = new OtlpJsonDecoder();
        var metricsProtobuf = new OtlpMetricsProtobufDecoder();
        var metricsJson = new OtlpMetricsJsonDecoder();
        var jaeger = new JaegerThriftDecoder();
        var json = new JsonFuzzFormat();
        var protobuf = new ProtobufFuzzFormat();
        return
        [
            new("otlp-protobuf", "OTLP protobuf", "otlp", ".pb", SpanProtocol.Otlp, protobuf, otlpProtobuf.Decode),
            new("otlp-json", "OTLP JSON", "otlp-shop", ".json", SpanProtocol.Otlp, json, otlpJson.Decode),
            new(
                "otlp-metrics-protobuf", "OTLP protobuf", "otlp-metrics", ".pb", SpanProtocol.Otlp, protobuf,
                (body, batch, limits) => metricsProtobuf.Decode(body, batch, limits)),
            new("otlp-metrics-json", "OTLP JSON", "otlp-metrics", ".json", SpanProtocol.Otlp, json, (body, batch, limits) => metricsJson.Decode(body, batch, limits)),
            new("zipkin-json", ZipkinErrors.JsonV2Format, "zipkin", ".json", SpanProtocol.Zipkin, json, zipkinJson.Decode),
            new("zipkin-json-v1", ZipkinErrors.JsonV1Format, "zipkin", ".v1.json", SpanProtocol.Zipkin, json, zipkinJsonV1.Decode),
            new("zipkin-proto3", ZipkinErrors.Proto3Format, "zipkin", ".proto3", SpanProtocol.Zipkin, protobuf, zipkinProto3.Decode),
            new("zipkin-thrift", ZipkinErrors.ThriftFormat, "zipkin", ".thrift", SpanProtocol.Zipkin, new ThriftFuzzFormat(ThriftFuzzForm.List), zipkinThrift.Decode),
            new("jaeger-http", "Jaeger thrift binary", "jaeger", ".http.bin", SpanProtocol.Jaeger, new ThriftFuzzFormat(ThriftFuzzForm.Struct), jaeger.DecodeBatch),
            new("jaeger-binary", "Jaeger thrift binary", "jaeger", ".binary.bin", SpanProtocol.Jaeger, new ThriftFuzzFormat(ThriftFuzzForm.BinaryMessage), jaeger.DecodeBinaryMessage),
            new("jaeger-compact", "Jaeger thrift compact", "jaeger", ".compact.bin", SpanProtocol.Jaeger, new ThriftFuzzFormat(ThriftFuzzForm.CompactMessage), jaeger.DecodeCompactMessage),
        ];
    }

    /// <summary>The format's bodies: the files, what was found before, and what tests build.</summary>
    public List<byte[]> Corpus() => [.. Files(folder => folder).Select(File.ReadAllBytes), .. Found().Select(File.ReadAllBytes), .. Built()];

    /// <summary>The files of what was found before.</summary>
    public IEnumerable<string> Found() => Files(folder => Path.Combine(folder, FoundFolder));

    /// <summary>Where to keep a body that was found to break something.</summary>
    public string PathOfFinding(byte[] body) =>
        Path.Combine(Data(), Folder, FoundFolder, $"{EventEnvelope.Crc32C(body):x8}{Extension}");

    private IEnumerable<string> Files(Func<string, string> folderOf)
    {
        var folder = new DirectoryInfo(folderOf(Path.Combine(Data(), Folder)));
        return folder.Exists
            ? folder.GetFiles().Select(file => file.FullName).Where(IsOwn).Order(StringComparer.Ordinal)
            : [];
    }

    // .json is v2 and .v1.json is v1.
    private bool IsOwn(string file) =>
        file.EndsWith(Extension, StringComparison.Ordinal) && (Extension != ".json" || !file.EndsWith(".v1.json", StringComparison.Ordinal));

    private IEnumerable<byte[]> Built()
    {
        switch (Name)
        {
            case "otlp-protobuf":
                yield return OtlpMessages.Full();
                yield return OtlpMessages.Request(OtlpMessages.Span(), OtlpMessages.Span()).ToArray();
                break;
            case "otlp-json":
                yield return OtlpMessages.FullJson();
                break;
            case "otlp-metrics-protobuf":
                yield return OtlpMetricMessages.Full();
                break;
            case "otlp-metrics-json":
                yield return OtlpMetricMessages.FullJson();
                break;
            case "jaeger-compact":
                // The compact form of what there is only as binary.
                yield return ThriftFuzzFormat.ToCompact(File.ReadAllBytes(Path.Combine(Data(), Folder, "jaeger-client-node.binary.bin")));
                break;
            case "zipkin-json":
                yield return Encoding.UTF8.GetBytes("""[{"traceId":"1","id":"1","parentId":"1"},{"traceId":"1","id":"2","parentId":"3"},{"traceId":"1","id":"3","parentId":"2"}]""");
                break;
        }
    }

    private static string Data() => Path.GetFullPath(Path.Combine(ZipkinCorpus.PathOf(""), ".."));
}
