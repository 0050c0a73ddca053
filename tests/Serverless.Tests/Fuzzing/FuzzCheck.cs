using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Jaeger;
using Serverless.Tracing.Protocols.Zipkin;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Fuzzing;

/// <summary>
/// What must hold for any body: it is taken, or refused with a <see cref="MalformedSpansException"/> that says where; and what is taken
/// goes all the way that spans go — frames, an event of the hub, search blocks, spans, the JSON of both query APIs.
/// </summary>
internal sealed class FuzzCheck
{
    private const int LongestMessage = 2_000;

    // Far more than any body of the fuzzer takes: only what is not linear gets here.
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(10);

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SpanBatch _batch = new();
    private readonly FrameWriter _writer = new();
    private readonly FrameBuffer _frames = new();
    private readonly FrameReader _reader = new();
    private readonly SearchDigestCollector _search = new();
    private readonly MemoryStream _event = new();
    private byte[] _payload = new byte[1024];

    /// <summary>Decodes a body and sends what is taken all the way.</summary>
    /// <returns>What was wrong with the body, or null.</returns>
    public MalformedSpansException? Run(FuzzTarget target, byte[] body)
    {
        var start = Stopwatch.GetTimestamp();
        var refusal = Decode(target, body);
        if (refusal is null)
            GoAllTheWay();
        Assert.True(Stopwatch.GetElapsedTime(start) < LongestTime, $"{body.Length} bytes took {Stopwatch.GetElapsedTime(start)}");
        return refusal;
    }

    private MalformedSpansException? Decode(FuzzTarget target, byte[] body)
    {
        _batch.Reset(target.Protocol);
        try
        {
            var result = target.Decode(body, _batch, DecodeLimits.Default);
            Assert.Equal(result.Accepted, _batch.SpanCount);
            Assert.Equal(result.Rejected > 0, result.RejectedReason is not null);
            Assert.DoesNotContain(result.RejectedReason ?? "", char.IsControl);
            var truncated = 0;
            for (var i = 0; i < _batch.SpanCount; i++)
                truncated += (_batch.Span(i).Marks & SpanMarks.Truncated) != 0 ? 1 : 0;
            Assert.Equal(result.Truncated, truncated);
            return null;
        }
        catch (MalformedSpansException e)
        {
            Assert.Equal(target.Format, e.Format);
            Assert.InRange(e.Offset, 0, body.Length);
            Assert.NotEqual("", e.Reason);
            Assert.StartsWith($"Malformed {target.Format}: ", e.Message);
            Assert.InRange(e.Message.Length, 1, LongestMessage);
            Assert.DoesNotContain(e.Message, char.IsControl);
            return e;
        }
    }

    private void GoAllTheWay()
    {
        _frames.Reset();
        _writer.Write(_batch, _frames);
        EventEnvelope.Write(_frames.Written, _batch.SpanCount, _frames.Frames.Count, _event);
        Assert.Equal(_batch.SpanCount, EventEnvelope.Read(_event.GetBuffer().AsMemory(0, (int)_event.Length), ref _payload, out var length));
        var frames = _payload.AsMemory(0, length);

        _reader.Open(frames);
        _search.Begin(1_700_000_000_000_000_000);
        while (_reader.ReadFrame())
            _search.Add(_reader);
        _search.Finish();

        var spans = new List<Span>();
        SpanDecoder.Decode(frames, spans);
        Assert.Equal(_batch.SpanCount, spans.Count);
        foreach (var trace in spans.GroupBy(span => span.TraceId))
        {
            Assert.False(trace.Key.IsZero);
            var merged = SpanMerger.Merge([.. trace]);
            AssertIsJson(json => ZipkinJsonWriter.WriteTrace(json, merged));
            AssertIsJson(json => JaegerJsonWriter.WriteTrace(json, SharedSpanSplitter.Split(merged), _ => ["warning"]));
        }
    }

    private static void AssertIsJson(Action<Utf8JsonWriter> write)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, WriterOptions))
            write(json);
        using var read = JsonDocument.Parse(output.GetBuffer().AsMemory(0, (int)output.Length), new JsonDocumentOptions { MaxDepth = 1_000 });
    }
}
