using BenchmarkDotNet.Attributes;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Benchmarks;

/// <summary>A trace of 1,000 spans of 20 services assembled and judged, whole and by its steps. Per trace.</summary>
[MemoryDiagnoser]
public class JudgeBenchmarks
{
    private const int Services = 20;
    private const int TraceSpans = 1_000;

    private readonly List<Span> _healthy = [];
    private readonly List<Span> _broken = [];
    private List<Span> _merged = [];
    private TraceTree _tree = TraceTree.Build([]);
    private ClockSkewAdjustment _times = ClockSkewAdjuster.Adjust(TraceTree.Build([]));
    private PropagationFragment[] _window = [];

    /// <summary>Calls three deep with work between them; in the broken trace every tenth span did not come, and each host's clock is off.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var resources = Enumerable.Range(0, Services).Select(Service).ToArray();
        for (var i = 1; i <= TraceSpans; i++)
        {
            _healthy.Add(Make(i, resources, 0));
            if (i % 10 != 3)
                _broken.Add(Make(i, resources, (ulong)(i / 3 % Services) * 5_000_000));
        }

        _merged = SpanMerger.Merge(_healthy);
        _tree = TraceTree.Build(_merged);
        _times = ClockSkewAdjuster.Adjust(_tree);
        _window = [.. Enumerable.Range(0, 1_000).Select(i => Fragment((ulong)i))];
    }

    /// <summary>All of it, nothing wrong.</summary>
    [Benchmark]
    public int AssembleAndJudge() => CountAll(AssembledTrace.Assemble(_healthy));

    /// <summary>All of it, with a lot of evidence.</summary>
    [Benchmark]
    public int AssembleAndJudgeBroken() => CountAll(AssembledTrace.Assemble(_broken));

    /// <summary>Merging alone.</summary>
    [Benchmark]
    public int Merge() => SpanMerger.Merge(_healthy).Count;

    /// <summary>The tree alone.</summary>
    [Benchmark]
    public int Tree() => TraceTree.Build(_merged).Count;

    /// <summary>Clock skew alone.</summary>
    [Benchmark]
    public int Skew() => ClockSkewAdjuster.Adjust(_tree).Skews.Count;

    /// <summary>The critical path alone.</summary>
    [Benchmark]
    public int Path() => CriticalPath.Find(_times).Stretches.Count;

    /// <summary>Service links alone.</summary>
    [Benchmark]
    public int Links() => ServiceLinks.Of(_tree).Count;

    /// <summary>A window of 1,000 small traces, of which half are broken from the other half.</summary>
    [Benchmark]
    public int DetectBreaks() => PropagationBreakDetector.Detect(_window).Count;

    // What is found only when it is asked for counts too.
    private static int CountAll(AssembledTrace trace) =>
        trace.Verdicts.Count + trace.CriticalPath.Stretches.Count + trace.Links.Count + trace.Propagation.Received.Count + trace.Summary.SpanCount;

    private static Resource Service(int number) => new()
    {
        ServiceName = "service-" + number,
        Attributes =
        [
            new SpanAttribute("service.name", AttributeValue.Of("service-" + number)),
            new SpanAttribute("host.name", AttributeValue.Of("host-" + number)),
            new SpanAttribute("service.instance.id", AttributeValue.Of("instance-" + number)),
        ],
    };

    private static Span Make(int i, Resource[] resources, ulong skewNs)
    {
        // Three spans of a service: the call received, work, and the call made to one of three services below.
        var isReceived = i % 3 == 1;
        var call = (i - 1) / 3;
        var parent = i == 1 ? 0 : isReceived ? (((call - 1) / 3) * 3) + 3 : i - 1;
        var depth = (int)Math.Log(call + 1, 3);
        return new Span
        {
            TraceId = new TraceId(7, 1),
            Id = new SpanId((ulong)i),
            ParentId = new SpanId((ulong)parent),
            Kind = isReceived ? SpanKind.Server : i % 3 == 2 ? SpanKind.Internal : SpanKind.Client,
            Name = "operation",
            StartNs = 1_780_000_000_000_000_000 + ((ulong)i * 1_000) + skewNs,
            DurationNs = 100_000_000 - (depth * 10_000_000) - (i * 3_000),
            Resource = resources[call % Services],
            Attributes =
            [
                new SpanAttribute("http.request.method", AttributeValue.Of("GET")),
                new SpanAttribute("url.path", AttributeValue.Of("/api")),
                new SpanAttribute("http.response.status_code", AttributeValue.Of(200)),
                new SpanAttribute("server.address", AttributeValue.Of("service")),
            ],
        };
    }

    private static PropagationFragment Fragment(ulong i)
    {
        var call = new PropagationCall(new TraceId(7, i + 1), new SpanId(1), "service-" + (i / 2 % Services), "", "get", i / 2 * 1_000_000, (i / 2 * 1_000_000) + 900_000);
        return new PropagationFragment
        {
            TraceId = call.TraceId,
            Received = i % 2 == 0 ? [call] : [],
            Opened = i % 2 == 1 ? [call with { StartNs = call.StartNs + 1_000, EndNs = call.EndNs - 1_000 }] : [],
        };
    }
}
