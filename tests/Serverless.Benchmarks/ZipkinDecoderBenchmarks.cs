using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Benchmarks;

/// <summary>Decodes bodies of 200 spans with 8 tags each, about 500 bytes a span; results are per span.</summary>
[MemoryDiagnoser]
public class ZipkinDecoderBenchmarks
{
    private const int Spans = 200;

    private readonly SpanBatch _batch = new();
    private readonly ZipkinJsonDecoder _decoder = new();
    private byte[] _body = [];

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

        _body = Encoding.UTF8.GetBytes(json.Append(']').Replace("\n", "").ToString());
    }

    /// <summary>Body to batch.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int Decode()
    {
        _batch.Reset(SpanProtocol.Zipkin);
        return _decoder.Decode(_body, _batch, DecodeLimits.Default).Accepted;
    }
}
