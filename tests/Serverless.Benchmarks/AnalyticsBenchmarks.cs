using System.Buffers;
using BenchmarkDotNet.Attributes;
using Serverless.Benchmarks.Load;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Analytics;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Benchmarks;

/// <summary>Traces like the load's, assembled, written as JSON lines for analysts and packed into gzip events. Per span.</summary>
[MemoryDiagnoser]
public class AnalyticsBenchmarks : IDisposable
{
    private const int Requests = 40;
    private const int SpansPerRequest = 200;
    private const int Spans = Requests * SpansPerRequest;
    private const int MaxEventBytes = 1_000_000;

    private readonly List<AssembledTrace> _traces = [];
    private readonly AnalyticsLines _writer = new();
    private readonly AnalyticsPacker _packer = new(MaxEventBytes);
    private readonly ArrayBufferWriter<byte> _lines = new(32 << 20);

    /// <summary>The traces as the finalizer reads them: each by itself.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var template = SpanRequestTemplate.Create(0);
        var body = new byte[template.Length];
        var decoder = new OtlpProtobufDecoder();
        var batch = new SpanBatch();
        for (var i = 0; i < Requests; i++)
        {
            template.Write(body, new RequestIds((ulong)i), 1_780_000_000_000_000_000);
            batch.Reset(SpanProtocol.Otlp);
            decoder.Decode(body, batch, DecodeLimits.Default);
            var frames = new FrameBuffer();
            new FrameWriter().Write(batch, frames);
            var spans = new List<Span>();
            SpanDecoder.Decode(frames.Written.ToArray(), spans);
            _traces.AddRange(spans.GroupBy(span => span.TraceId).Select(trace => AssembledTrace.Assemble([.. trace])));
        }

        Console.WriteLine($"// {WriteLines() / Spans} bytes of JSON per span, {Pack() / Spans} packed");
    }

    /// <summary>Writing alone.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int WriteLines()
    {
        _lines.ResetWrittenCount();
        foreach (var trace in _traces)
            _writer.Write(trace, 1, _lines);
        return _lines.WrittenCount;
    }

    /// <summary>Writing and compressing.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int Pack()
    {
        foreach (var trace in _traces)
            _packer.Add(trace, 1);
        _packer.Finish();
        var bytes = 0;
        while (_packer.TryTake(out var full))
        {
            bytes += full.Bytes.Length;
            full.Dispose();
        }

        return bytes;
    }

    /// <summary>Gives memory back.</summary>
    public void Dispose() => _packer.Dispose();
}
