using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Serverless.Tests.Protocols.Otlp;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Benchmarks;

/// <summary>
/// Decoding requests of 200 spans, 10 to a trace, with 8 attributes (5 texts, 2 integers, 1 boolean) and a resource of 6:
/// about 375 bytes a span as protobuf. Results are per span.
/// </summary>
[MemoryDiagnoser]
public class OtlpDecoderBenchmarks
{
    private const int Spans = 200;
    private const int SpansOfTrace = 10;
    private const ulong Start = 1_700_000_000_000_000_000;

    private readonly SpanBatch _batch = new();
    private readonly OtlpProtobufDecoder _protobufDecoder = new();
    private readonly OtlpJsonDecoder _jsonDecoder = new();
    private byte[] _protobuf = [];
    private byte[] _json = [];

    /// <summary>The bytes of a span in either form.</summary>
    public (int Protobuf, int Json) BytesPerSpan => (_protobuf.Length / Spans, _json.Length / Spans);

    /// <summary>Makes the same request in both forms.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var spans = new ProtoMessage();
        var json = new StringBuilder();
        var traceId = "";
        for (var i = 0; i < Spans; i++)
        {
            if (i % SpansOfTrace == 0)
                traceId = Hex(random, 16);
            AddSpan(spans, json.Append(i == 0 ? "" : ","), random, traceId, i);
        }

        var resource = new ProtoMessage();
        var jsonResource = new StringBuilder();
        foreach (var (key, value) in ((string, string)[])[
            ("service.name", "checkout"), ("service.version", "1.4.2"), ("service.instance.id", "checkout-6d5f7c9b8-x2x7p"),
            ("telemetry.sdk.name", "opentelemetry"), ("telemetry.sdk.language", "dotnet"), ("host.name", "node-17")])
            AddAttribute(resource, 1, jsonResource, key, value);
        _protobuf = new ProtoMessage().Message(1, new ProtoMessage()
            .Message(1, resource)
            .Message(2, new ProtoMessage().Message(1, new ProtoMessage().Text(1, "Microsoft.AspNetCore")).Raw(spans.ToArray()))).ToArray();
        _json = Encoding.UTF8.GetBytes($$"""
            {"resourceSpans":[{"resource":{"attributes":[{{jsonResource}}]},
            "scopeSpans":[{"scope":{"name":"Microsoft.AspNetCore"},"spans":[{{json}}]}]}]}
            """);
    }

    /// <summary>Decodes the request in protobuf.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int Protobuf()
    {
        _batch.Reset(SpanProtocol.Otlp);
        return _protobufDecoder.Decode(_protobuf, _batch, DecodeLimits.Default).Accepted;
    }

    /// <summary>Decodes the request in JSON.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int Json()
    {
        _batch.Reset(SpanProtocol.Otlp);
        return _jsonDecoder.Decode(_json, _batch, DecodeLimits.Default).Accepted;
    }

    private static void AddSpan(ProtoMessage spans, StringBuilder json, Random random, string traceId, int number)
    {
        var spanId = Hex(random, 8);
        var parentId = Hex(random, 8);
        var start = Start + ((ulong)number * 1_000_000);
        var end = start + (ulong)random.Next(1_000_000);
        var name = "GET /api/orders/" + (number % 7).ToString(CultureInfo.InvariantCulture);
        var span = new ProtoMessage().Hex(1, traceId).Hex(2, spanId).Hex(4, parentId).Text(5, name)
            .Varint(6, 2).Fixed64(7, start).Fixed64(8, end);
        json.Append(CultureInfo.InvariantCulture, $"{{\"traceId\":\"{traceId}\",\"spanId\":\"{spanId}\",\"parentSpanId\":\"{parentId}\"")
            .Append(CultureInfo.InvariantCulture, $",\"name\":\"{name}\",\"kind\":2,\"startTimeUnixNano\":\"{start}\"")
            .Append(CultureInfo.InvariantCulture, $",\"endTimeUnixNano\":\"{end}\",\"attributes\":[");
        var attributes = new StringBuilder();
        AddAttribute(span, 9, attributes, "http.request.method", "GET");
        AddAttribute(span, 9, attributes, "url.path", "/api/orders/" + random.Next(1000).ToString(CultureInfo.InvariantCulture));
        AddAttribute(span, 9, attributes, "server.address", "orders.internal.example");
        AddAttribute(span, 9, attributes, "user_agent.original", "Mozilla/5.0 (X11; Linux x86_64)");
        AddAttribute(span, 9, attributes, "customer.id", "c-" + Hex(random, 4));
        AddAttribute(span, 9, attributes, "http.response.status_code", 200L);
        AddAttribute(span, 9, attributes, "http.response.body.size", random.Next(100_000));
        AddAttribute(span, 9, attributes, "cache.hit", number % 3 == 0);
        spans.Message(2, span.Fixed32(16, 0x101));
        json.Append(attributes).Append("],\"flags\":257,\"status\":{}}");
    }

    private static void AddAttribute(ProtoMessage message, uint field, StringBuilder json, string key, object value)
    {
        var (proto, name) = value switch
        {
            string text => (OtlpMessages.String(text), $"\"stringValue\":\"{text}\""),
            bool flag => (OtlpMessages.Bool(flag), $"\"boolValue\":{(flag ? "true" : "false")}"),
            _ => (OtlpMessages.Int(Convert.ToInt64(value, CultureInfo.InvariantCulture)), $"\"intValue\":\"{value}\""),
        };
        message.Message(field, OtlpMessages.KeyValue(key, proto));
        json.Append(json.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{{\"key\":\"{key}\",\"value\":{{{name}}}}}");
    }

    private static string Hex(Random random, int bytes)
    {
        var id = new byte[bytes];
        random.NextBytes(id);
        return Convert.ToHexStringLower(id);
    }
}
