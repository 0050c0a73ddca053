using BenchmarkDotNet.Attributes;
using Serverless.Benchmarks.Load;
using Serverless.Functions.Assembling;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Benchmarks;

/// <summary>A batch of events made into rows, as the assembler does before it writes, and the spans of a trace merged. Per span.</summary>
[MemoryDiagnoser]
public class AssemblyBenchmarks
{
    private const int Events = 32;
    private const int SpansPerEvent = 200;
    private const int TraceSpans = 1_000;

    private readonly AssemblyGroup _group = new([]);
    private readonly List<ulong> _traces = [];
    private readonly List<Span> _spans = [];
    private BufferedEvent[] _events = [];

    /// <summary>Events of requests like the load's, and a large trace reported twice.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var template = SpanRequestTemplate.Create(0);
        var body = new byte[template.Length];
        var decoder = new OtlpProtobufDecoder();
        var batch = new SpanBatch();
        _events = new BufferedEvent[Events];
        for (var i = 0; i < Events; i++)
        {
            template.Write(body, new RequestIds((ulong)i), 1_780_000_000_000_000_000);
            batch.Reset(SpanProtocol.Otlp);
            decoder.Decode(body, batch, DecodeLimits.Default);
            var frames = new FrameBuffer();
            new FrameWriter().Write(batch, frames);
            var envelope = new MemoryStream();
            EventEnvelope.Write(frames.Written, SpansPerEvent, frames.Frames.Count, envelope);
            _events[i] = new BufferedEvent(i, envelope.ToArray());
        }

        for (var i = 0; i < 2 * TraceSpans; i++)
        {
            var id = (ulong)(i % TraceSpans) + 1;
            _spans.Add(new Span { TraceId = new TraceId(1, 2), Id = new SpanId(id), ParentId = new SpanId(id / 2), StartNs = id, DurationNs = 10, Name = "n" });
        }
    }

    /// <summary>Events into trace rows and search rows.</summary>
    [Benchmark(OperationsPerInvoke = Events * SpansPerEvent)]
    public int BuildRows()
    {
        _group.Begin("0", DateTimeOffset.UnixEpoch);
        foreach (var buffered in _events)
            _group.Add(buffered);
        _traces.Clear();
        return _group.BuildTraceRows(_traces).Count + _group.BuildSearchRows().Count;
    }

    /// <summary>The reports of a trace of 1,000 spans, each there twice.</summary>
    [Benchmark(OperationsPerInvoke = TraceSpans)]
    public int MergeSpans() => SpanMerger.Merge(_spans).Count;
}
