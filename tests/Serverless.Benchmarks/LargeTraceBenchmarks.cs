using BenchmarkDotNet.Attributes;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Benchmarks;

/// <summary>A trace of 20,000 spans in 100 rows as it is answered: looked through, then read span by span. Per span.</summary>
[MemoryDiagnoser]
public class LargeTraceBenchmarks
{
    private const int Rows = 100;
    private const int SpansPerRow = 200;
    private const int Spans = Rows * SpansPerRow;
    private const ulong TraceLow = 7;

    private readonly List<ReadOnlyMemory<byte>> _rows = [];
    private SpanSequence _sequence = null!;
    private TraceOutline _outline = null!;

    /// <summary>Rows of one frame each.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var batch = new SpanBatch();
        var writer = new FrameWriter();
        for (var row = 0; row < Rows; row++)
        {
            batch.Reset(SpanProtocol.Otlp);
            for (var i = 1; i <= SpansPerRow; i++)
            {
                var id = (ulong)((row * SpansPerRow) + i);
                ref var span = ref batch.AddSpan();
                (span.TraceLow, span.Id, span.ParentId, span.StartNs, span.DurationNs) = (TraceLow, id, id / 2, 1_780_000_000_000_000_000 + id, 10);
                span.Name = batch.Texts.Add("operation"u8);
            }

            var frames = new FrameBuffer();
            writer.Write(batch, frames);
            // A row is stored under the low half of the id.
            _rows.Add(frames.Written[sizeof(ulong)..].ToArray());
        }

        _sequence = Open();
        _outline = TraceOutline.Assemble(_sequence, AssemblyOptions.Default, _ => JudgeContext.None);
    }

    /// <summary>What happens before the first byte of the answer.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int LookThrough() => Open().ReportCount;

    /// <summary>What happens then where it is adjusted for clock skew, or judged.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int LookThroughAndAssemble() => TraceOutline.Assemble(Open(Spans), AssemblyOptions.Default, _ => JudgeContext.None).Trace.Verdicts.Count;

    /// <summary>What happens while it is answered so.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int ReadAdjusted()
    {
        var spans = 0;
        foreach (var _ in _outline.ReadAdjusted())
            spans++;
        return spans;
    }

    /// <summary>What happens while it is answered as it was sent.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int Read()
    {
        var spans = 0;
        foreach (var _ in _sequence.Read(splitsShared: true))
            spans++;
        return spans;
    }

    private SpanSequence Open(int mostAssembled = 0) => SpanSequence.Open(_rows, TraceLow, null, int.MaxValue, mostAssembled);
}
