using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Tests.Protocols.Jaeger;

/// <summary>Broken bodies end in success or <see cref="MalformedSpansException"/>, and what succeeds can be stored and read.</summary>
/// <remarks>Random changes of all formats: <see cref="Fuzzing.FuzzTests"/>.</remarks>
public sealed class JaegerThriftHostileTests
{
    private readonly SpanBatch _batch = new();
    private readonly JaegerThriftDecoder _decoder = new();
    private readonly FrameWriter _writer = new();
    private readonly FrameBuffer _frames = new();

    public static TheoryData<string> Files => [.. JaegerCorpus.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_body_cut_anywhere_is_refused(string file)
    {
        var body = JaegerCorpus.Read(file);
        for (var length = 0; length < body.Length; length++)
        {
            var e = TryDecode(file, body[..length]);
            Assert.True(e is not null, $"accepted when cut to {length} bytes");
            Assert.InRange(e.Offset, 0, length);
        }

        Assert.Null(TryDecode(file, body));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_body_with_any_byte_changed_is_taken_or_refused(string file)
    {
        var body = JaegerCorpus.Read(file);
        var refused = 0;
        for (var at = 0; at < body.Length; at++)
        {
            var kept = body[at];
            foreach (var changed in (byte[])[(byte)(kept ^ 1), (byte)(kept ^ 0x80), (byte)~kept, 0x7F, 0])
            {
                body[at] = changed;
                refused += TryDecode(file, body) is null ? 0 : 1;
            }

            body[at] = kept;
        }

        Assert.InRange(refused, 1, (body.Length * 5) - 1);
    }

    [Theory]
    [InlineData("http", "hello world")]
    [InlineData("http", "{\"process\":{}}")]
    [InlineData("http", "[]")]
    [InlineData("binary", "GET / HTTP/1.1\r\n\r\n")]
    [InlineData("compact", "GET / HTTP/1.1\r\n\r\n")]
    public void Text_is_refused(string format, string text) => Assert.NotNull(TryDecode(format, System.Text.Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("http", new byte[] { 12, 0, 9 })]
    [InlineData("http", new byte[] { 15, 0, 9, 15, 0, 0, 0, 1 })]
    public void A_million_levels_are_refused(string format, byte[] level)
    {
        var e = TryDecode(format, [.. Enumerable.Repeat(level, 1_000_000).SelectMany(bytes => bytes)]);
        Assert.NotNull(e);
    }

    [Fact]
    public void A_million_empty_spans_end_with_the_first()
    {
        byte[] process = [12, 0, 1, 11, 0, 1, 0, 0, 0, 1, (byte)'s', 0, 15, 0, 2, 12, 0, 0x0F, 0x42, 0x40];
        Assert.Equal(
            "Malformed Jaeger thrift binary: spans[0] at byte 20: required field traceIdLow is not set",
            TryDecode("http", [.. process, .. new byte[1_000_001]])?.Message);
    }

    private MalformedSpansException? TryDecode(string format, byte[] body)
    {
        try
        {
            var result = JaegerCorpus.Decode(format, _decoder, body, _batch);
            Assert.Equal(result.Accepted, _batch.SpanCount);
        }
        catch (MalformedSpansException e)
        {
            Assert.InRange(e.Offset, 0, body.Length);
            return e;
        }

        _frames.Reset();
        _writer.Write(_batch, _frames);
        var spans = new List<Span>();
        SpanDecoder.Decode(_frames.Written.ToArray(), spans);
        Assert.Equal(_batch.SpanCount, spans.Count);
        return null;
    }
}
