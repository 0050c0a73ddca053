using BenchmarkDotNet.Attributes;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Benchmarks;

/// <summary>Counting a trace of 1,000 spans of 20 services, per trace; reading an hour of that as it is stored, per hour.</summary>
[MemoryDiagnoser]
public class AggregateBenchmarks
{
    private const int Services = 20;
    private const int TraceSpans = 1_000;
    private const int Operations = 10;
    private const int Minutes = 60;

    private readonly TraceAggregates _aggregates = new();
    private readonly TraceAggregates _full = new();
    private readonly AggregateBlockReader _reader = new();
    private AssembledTrace _trace = AssembledTrace.Assemble([]);
    private AggregateBlock[] _hour = [];

    /// <summary>A trace in which each service calls the next, in each of an hour's minutes once for the stored hour.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var resources = Enumerable.Range(0, Services).Select(i => new Resource { ServiceName = "service-" + i }).ToArray();
        _trace = Trace(resources, 0);
        _aggregates.Add(_trace, 1);
        for (var minute = 0; minute < Minutes; minute++)
            _full.Add(Trace(resources, minute), 1);
        _hour = [.. _full.ToBlocks()];
    }

    /// <summary>One trace more where its operations and minute are known: what most traces cost.</summary>
    [Benchmark]
    public bool Add()
    {
        _aggregates.Add(_trace, 1);
        return _aggregates.IsFull;
    }

    /// <summary>One trace alone, and its blocks: what an item of a quiet system costs.</summary>
    [Benchmark]
    public int AddToEmptyAndWrite()
    {
        _aggregates.Clear();
        _aggregates.Add(_trace, 1);
        return _aggregates.ToBlocks().Count;
    }

    /// <summary>An hour of one service's spans, of the stored hour of all.</summary>
    [Benchmark]
    public int ReadHourOfService()
    {
        var window = new RedWindow(["service-3"], [SpanKind.Server]) { FirstMinute = 0, LastMinute = int.MaxValue, HasDurations = true };
        foreach (var block in _hour)
            _reader.Read(block.Bytes, window);
        return window.ToList().Count;
    }

    /// <summary>An hour of all links.</summary>
    [Benchmark]
    public int ReadHourOfLinks()
    {
        var window = new LinkWindow(0, int.MaxValue);
        foreach (var block in _hour)
        {
            if (block.Kind == AggregateKind.Links)
                _reader.Read(block.Bytes, window);
        }

        return window.ToList().Count;
    }

    private static AssembledTrace Trace(Resource[] resources, int minute) => AssembledTrace.Assemble(
    [
        .. Enumerable.Range(1, TraceSpans).Select(i => new Span
        {
            TraceId = new TraceId(7, (ulong)minute + 1),
            Id = new SpanId((ulong)i),
            ParentId = new SpanId((ulong)(i / 2)),
            Kind = i % 2 == 0 ? SpanKind.Client : SpanKind.Server,
            // As decoded: equal names are not one string.
            Name = string.Create(null, $"operation {i % Operations}"),
            StartNs = 1_799_996_400_000_000_000 + ((ulong)minute * 60_000_000_000) + ((ulong)i * 1_000),
            DurationNs = 1_000_000 + (i * i % 900_000),
            Resource = resources[i / 2 % Services],
        }),
    ]);
}
