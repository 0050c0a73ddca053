using BenchmarkDotNet.Attributes;
using Serverless.Benchmarks.Load;
using Serverless.Functions.Assembling;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Benchmarks;

/// <summary>What the ledger adds to a span's way: counted by source, told in its event, read and written by the assembler. Figures are per span.</summary>
[MemoryDiagnoser]
public class LedgerBenchmarks
{
    private const int Spans = 200;
    private const int Events = 32;

    private readonly SpanBatch _batch = new();
    private readonly FrameBuffer _frames = new();
    private readonly RequestTally _tally = new();
    private readonly LedgerSectionWriter _writer = new();
    private readonly LedgerSection _section = new();
    private readonly MemoryStream _sections = new();
    private readonly List<LedgerEvent> _events = [];

    /// <summary>A request like the load's, alone in its event: the least favourable case.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var template = SpanRequestTemplate.Create(0);
        var body = new byte[template.Length];
        template.Write(body, new RequestIds(1), 1_780_000_000_000_000_000);
        _batch.Reset(SpanProtocol.Otlp);
        new OtlpProtobufDecoder().Decode(body, _batch, DecodeLimits.Default);
        new FrameWriter().Write(_batch, _frames);
        _tally.Count(ReceiptId.New(DateTimeOffset.UnixEpoch), _batch, _frames);
        for (var frame = 0; frame < _frames.Frames.Count; frame++)
            _tally.AddTo(_section.Counts, frame);
        _section.Add(new LedgerRequest(_tally.Id, Spans, Spans));
        var bytes = _writer.Write(_section).ToArray();
        for (var i = 0; i < Events; i++)
        {
            _sections.Write(bytes);
            _events.Add(new LedgerEvent(i, DateTimeOffset.UnixEpoch, false, Spans, Spans, 8_000, (ulong)i, 0, bytes.Length));
        }
    }

    /// <summary>A request's spans by frame and source, into the counts of their event.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public long Tally()
    {
        _section.Counts.Clear();
        _tally.Count(_tally.Id, _batch, _frames);
        for (var frame = 0; frame < _frames.Frames.Count; frame++)
            _tally.AddTo(_section.Counts, frame);
        return _section.Counts.Count;
    }

    /// <summary>The section of an event.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int WriteSection() => _writer.Write(_section).Length;

    /// <summary>The row of a batch.</summary>
    [Benchmark(OperationsPerInvoke = Events * Spans)]
    public int WriteRow() => LedgerRow.ToRow(
        new BatchId("0", 0, Events - 1), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, _events, _sections.GetBuffer().AsSpan(0, (int)_sections.Length)).Data.Length;
}
