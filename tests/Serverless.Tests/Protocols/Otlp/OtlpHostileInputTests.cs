using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Tests.Protocols.Otlp;

/// <summary>Broken bodies end in success or <see cref="MalformedSpansException"/>, and what succeeds can be stored and read.</summary>
/// <remarks>Random changes of all formats: <see cref="Fuzzing.FuzzTests"/>.</remarks>
public sealed class OtlpHostileInputTests
{
    private readonly SpanBatch _batch = new();
    private readonly OtlpProtobufDecoder _protobuf = new();
    private readonly OtlpJsonDecoder _json = new();
    private readonly FrameWriter _writer = new();
    private readonly FrameBuffer _frames = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Truncation_at_every_byte_is_refused(bool json)
    {
        var body = Corpus(json);
        for (var length = json ? 0 : 1; length < body.Length; length++)
        {
            if (TryDecode(json, body[..length]) is not { } e)
                Assert.Fail($"A body cut at byte {length} was taken.");
            else
                Assert.InRange(e.Offset, 0, length);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_changed_byte_is_taken_or_refused(bool json)
    {
        var body = Corpus(json);
        for (var i = 0; i < body.Length; i++)
        {
            var original = body[i];
            foreach (var changed in (byte[])[(byte)(original ^ 1), (byte)(original ^ 0x80), (byte)~original])
            {
                body[i] = changed;
                TryDecode(json, body);
            }

            body[i] = original;
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [InlineData("{\"resourceSpans\":[")]
    public void Json_nested_a_million_deep_is_refused(string level)
    {
        var e = TryDecode(json: true, System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(level, 1_000_000))));
        Assert.NotNull(e);
    }

    [Fact]
    public void A_million_empty_json_objects_are_taken_within_bounds()
    {
        var body = "{\"resourceSpans\":[" + string.Join(',', Enumerable.Repeat("{}", 1_000_000)) + "]}";
        Assert.Null(TryDecode(json: true, System.Text.Encoding.UTF8.GetBytes(body)));
        Assert.Equal(0, _batch.SpanCount);
        Assert.Equal(0, _batch.Resources.Count);
    }

    private static byte[] Corpus(bool json) => json ? OtlpMessages.FullJson() : OtlpMessages.Full();

    private MalformedSpansException? TryDecode(bool json, byte[] body)
    {
        _batch.Reset(SpanProtocol.Otlp);
        try
        {
            var result = json
                ? _json.Decode(body, _batch, DecodeLimits.Default)
                : _protobuf.Decode(body, _batch, DecodeLimits.Default);
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
