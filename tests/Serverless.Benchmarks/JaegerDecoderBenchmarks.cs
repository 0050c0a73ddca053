using System.Globalization;
using BenchmarkDotNet.Attributes;
using Serverless.Tests.Protocols.Thrift;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Jaeger;
using Serverless.Tracing.Protocols.Thrift;
using static Serverless.Tests.Protocols.Thrift.ThriftNode;

namespace Serverless.Benchmarks;

/// <summary>Decodes batches of 200 spans, 10 to a trace, with 8 tags each (4 texts, 3 integers, 1 boolean); results are per span.</summary>
[MemoryDiagnoser]
public class JaegerDecoderBenchmarks
{
    private const int Spans = 200;
    private const int SpansOfTrace = 10;

    private readonly SpanBatch _batch = new();
    private readonly JaegerThriftDecoder _decoder = new();
    private byte[] _http = [];
    private byte[] _binary = [];
    private byte[] _compact = [];

    /// <summary>Makes the same batch in the three forms in which it comes.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var process = Struct((1, Text("checkout")), (2, List(
            ThriftType.Struct, Tag("hostname", "checkout-6d5f7c9b8-x2x7p"), Tag("ip", "10.244.0.7"), Tag("jaeger.version", "Go-2.30.0"))));
        var batch = Struct((1, process), (2, List(ThriftType.Struct, [.. Enumerable.Range(0, Spans).Select(i => Span(random, i))])));
        _http = batch.Write(compact: false);
        _binary = Struct((1, batch)).WriteMessage(compact: false);
        _compact = Struct((1, batch)).WriteMessage(compact: true);
    }

    /// <summary>Decodes a batch as it comes over HTTP.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int Http()
    {
        _batch.Reset(SpanProtocol.Jaeger);
        return _decoder.DecodeBatch(_http, _batch, DecodeLimits.Default).Accepted;
    }

    /// <summary>Decodes a call of the binary protocol.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int Binary()
    {
        _batch.Reset(SpanProtocol.Jaeger);
        return _decoder.DecodeBinaryMessage(_binary, _batch, DecodeLimits.Default).Accepted;
    }

    /// <summary>Decodes a call of the compact protocol.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int Compact()
    {
        _batch.Reset(SpanProtocol.Jaeger);
        return _decoder.DecodeCompactMessage(_compact, _batch, DecodeLimits.Default).Accepted;
    }

    private static ThriftNode Span(Random random, int number)
    {
        var trace = 0x463ac35c9f6413ad + (number / SpansOfTrace);
        return Struct(
            (1, I64(trace)), (2, I64(trace * 7)), (3, I64(random.NextInt64())), (4, I64(trace + 3)),
            (5, Text("GET /api/orders/" + (number % 7).ToString(CultureInfo.InvariantCulture))), (7, I32(1)),
            (8, I64(1_700_000_000_000_000 + number)), (9, I64(random.Next(100_000))),
            (10, List(
                ThriftType.Struct,
                Tag("span.kind", "server"), Tag("http.method", "GET"), Tag("component", "net/http"),
                Tag("http.url", "/api/orders/" + random.Next(1000).ToString(CultureInfo.InvariantCulture)),
                Tag("http.status_code", 200), Tag("http.response.size", random.Next(100_000)), Tag("attempt", 1),
                Struct((1, Text("cache.hit")), (2, I32(2)), (5, Bool(number % 3 == 0))))));
    }

    private static ThriftNode Tag(string key, string value) => Struct((1, Text(key)), (2, I32(0)), (3, Text(value)));

    private static ThriftNode Tag(string key, long value) => Struct((1, Text(key)), (2, I32(3)), (6, I64(value)));
}
