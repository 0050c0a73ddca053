using BenchmarkDotNet.Attributes;
using Serverless.Benchmarks.Load;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Benchmarks;

/// <summary>Frames: written from a decoded request, read without and with making objects, packed into events. Figures are per span.</summary>
[MemoryDiagnoser]
public class FrameBenchmarks
{
    private const int Requests = 16;
    private const int SpansPerRequest = 200;
    private const int Spans = Requests * SpansPerRequest;

    private readonly SpanBatch _batch = new();
    private readonly FrameWriter _writer = new();
    private readonly FrameBuffer _buffer = new();
    private readonly FrameReader _reader = new();
    private readonly MemoryStream _event = new();
    private readonly List<Span> _spans = [];
    private byte[] _frames = [];
    private byte[] _envelope = [];
    private byte[] _inflated = new byte[1 << 20];

    /// <summary>Frames of requests like the load's.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var template = SpanRequestTemplate.Create(0);
        var body = new byte[template.Length];
        var decoder = new OtlpProtobufDecoder();
        var all = new FrameBuffer();
        for (var i = 0; i < Requests; i++)
        {
            template.Write(body, new RequestIds((ulong)i), 1_780_000_000_000_000_000);
            _batch.Reset(SpanProtocol.Otlp);
            decoder.Decode(body, _batch, DecodeLimits.Default);
            _writer.Write(_batch, all);
        }

        _frames = all.Written.ToArray();
        EventEnvelope.Write(_frames, Spans, all.Frames.Count, _event);
        _envelope = _event.ToArray();
    }

    /// <summary>A decoded request into frames.</summary>
    [Benchmark(OperationsPerInvoke = SpansPerRequest)]
    public int Write()
    {
        _buffer.Reset();
        _writer.Write(_batch, _buffer);
        return _buffer.Length;
    }

    /// <summary>Every field of every span, without objects, as the assembler reads.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public ulong Read()
    {
        var sum = 0UL;
        _reader.Open(_frames);
        while (_reader.ReadFrame())
        {
            while (_reader.ReadSpan(out var span))
                sum += span.Id;
        }

        return sum;
    }

    /// <summary>Spans as objects, as queries read.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int Decode()
    {
        _spans.Clear();
        SpanDecoder.Decode(_frames, _spans);
        return _spans.Count;
    }

    /// <summary>Compressing an event.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public long WriteEvent()
    {
        EventEnvelope.Write(_frames, Spans, 1, _event);
        return _event.Length;
    }

    /// <summary>Checking and uncompressing an event.</summary>
    [Benchmark(OperationsPerInvoke = Spans)]
    public int ReadEvent() => EventEnvelope.Read(_envelope, ref _inflated, out _);
}
