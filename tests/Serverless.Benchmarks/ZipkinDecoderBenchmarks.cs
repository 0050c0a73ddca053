using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Benchmarks;

/// <summary>
/// Decodes bodies of 200 spans with 8 tags each, about 500 bytes a span in JSON v2, in each of Zipkin's formats; results are per span. In v1
/// a span is two annotations and 8 binary ones, each with its endpoint.
/// </summary>
[MemoryDiagnoser]
public class ZipkinDecoderBenchmarks
{
    private const int Spans = 200;

    private readonly SpanBatch _batch = new();
    private readonly ZipkinJsonDecoder _decoder = new();
    private readonly ZipkinProtobufDecoder _proto3Decoder = new();
    private readonly ZipkinJsonV1Decoder _jsonV1Decoder = new();
    private readonly ZipkinThriftDecoder _thriftDecoder = new();
    private byte[] _body = [];
    private byte[] _proto3 = [];
    private byte[] _jsonV1 = [];
    private byte[] _thrift = [];

    /// <summary>Bytes of the body.</summary>
    public int BodyBytes => _body.Length;

    /// <summary>Makes the body: 20 traces of 10 spans, fresh ids, few distinct texts apart from them.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(7);
        var json = new StringBuilder("[");
        for (var i = 0; i < Spans; i++)
        {
            var trace = (i / 10) + 0x463ac35c9f6413ad;
            json.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$"""
                {"traceId":"{{trace:x16}}{{trace * 7:x16}}","parentId":"{{trace + 3:x16}}","id":"{{random.NextInt64():x16}}","kind":"SERVER","name":"get /api/items/{id}",
                """).Append(CultureInfo.InvariantCulture, $$"""
                "timestamp":{{1784102400123456 + (i * 1000)}},"duration":{{random.Next(100, 90000)}},"localEndpoint":{"serviceName":"shop-{{i % 10}}","ipv4":"10.244.0.{{i % 10}}","port":8080},
                """).Append(CultureInfo.InvariantCulture, $$"""
                "tags":{"component":"proxy","http.method":"GET","http.status_code":"200","http.path":"/api/items/{{random.Next(1000)}}","peer.address":"10.244.0.1",
                """).Append(CultureInfo.InvariantCulture, $$"""
                "response_size":"{{random.Next(5000)}}","upstream_cluster":"inbound|9080||","user_agent":"python-requests/2.32.3"},"shared":true}
                """);
        }

        var jsonV2 = json.Append(']').Replace("\n", "").ToString();
        var jsonV1 = ToV1(JsonNode.Parse(jsonV2)!.AsArray()).ToJsonString();
        _body = Encoding.UTF8.GetBytes(jsonV2);
        _proto3 = ZipkinFormats.Proto3(jsonV2);
        _jsonV1 = Encoding.UTF8.GetBytes(jsonV1);
        _thrift = ZipkinFormats.Thrift(jsonV1);
    }

    /// <summary>Body to batch.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int Decode()
    {
        _batch.Reset(SpanProtocol.Zipkin);
        return _decoder.Decode(_body, _batch, DecodeLimits.Default).Accepted;
    }

    /// <summary>Proto3 to batch.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int DecodeProto3()
    {
        _batch.Reset(SpanProtocol.Zipkin);
        return _proto3Decoder.Decode(_proto3, _batch, DecodeLimits.Default).Accepted;
    }

    /// <summary>JSON v1 to batch.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int DecodeJsonV1()
    {
        _batch.Reset(SpanProtocol.Zipkin);
        return _jsonV1Decoder.Decode(_jsonV1, _batch, DecodeLimits.Default).Accepted;
    }

    /// <summary>Thrift to batch.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int DecodeThrift()
    {
        _batch.Reset(SpanProtocol.Zipkin);
        return _thriftDecoder.Decode(_thrift, _batch, DecodeLimits.Default).Accepted;
    }

    private static JsonArray ToV1(JsonArray spans) => new([.. spans.Select(span =>
    {
        var start = span!["timestamp"]!.GetValue<long>();
        var host = span["localEndpoint"]!;
        JsonObject At(string value, long timestamp) =>
            new() { ["timestamp"] = timestamp, ["value"] = value, ["endpoint"] = host.DeepClone() };
        return new JsonObject
        {
            ["traceId"] = span["traceId"]!.DeepClone(), ["parentId"] = span["parentId"]!.DeepClone(), ["id"] = span["id"]!.DeepClone(),
            ["name"] = span["name"]!.DeepClone(),
            ["annotations"] = new JsonArray(At("sr", start), At("ss", start + span["duration"]!.GetValue<long>())),
            ["binaryAnnotations"] = new JsonArray([.. span["tags"]!.AsObject().Select(tag => new JsonObject
            {
                ["key"] = tag.Key, ["value"] = tag.Value!.DeepClone(), ["endpoint"] = host.DeepClone(),
            })]),
        };
    })]);
}
