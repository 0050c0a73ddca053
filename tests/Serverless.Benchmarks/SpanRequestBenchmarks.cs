using BenchmarkDotNet.Attributes;
using Serverless.Benchmarks.Load;

namespace Serverless.Benchmarks;

/// <summary>What the load generator itself costs: it must not take the CPU of the system that it measures.</summary>
public class SpanRequestBenchmarks
{
    private readonly SpanRequestTemplate _template = SpanRequestTemplate.Create(0);
    private readonly byte[] _body = new byte[SpanRequestTemplate.Create(0).Length];
    private ulong _seed;

    [Benchmark]
    public void WriteRequest() => _template.Write(_body, new RequestIds(_seed++), 1_700_000_000_000_000_000);
}
