using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Tests.Protocols.Otlp;

/// <summary>Broken bodies end in success or <see cref="MalformedSpansException"/>, and what succeeds can be stored and read.</summary>
/// <remarks>The environment variable <c>SERVERLESS_FUZZ_ROUNDS</c> makes the random part longer.</remarks>
public sealed class OtlpHostileInputTests
{
    private const string RoundsVariable = "SERVERLESS_FUZZ_ROUNDS";
    private const int UsualRounds = 5_000;

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
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 2)]
    public void Random_changes_are_taken_or_refused(bool json, int seed)
    {
        var random = new Random(seed);
        var corpus = Corpus(json);
        var rounds = int.TryParse(Environment.GetEnvironmentVariable(RoundsVariable), out var set) ? set : UsualRounds;
        for (var round = 0; round < rounds; round++)
        {
            var body = corpus.ToList();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                Mutate(body, random);
            TryDecode(json, [.. body]);
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

    private static void Mutate(List<byte> body, Random random)
    {
        var at = random.Next(body.Count);
        var length = Math.Min(random.Next(1, 20), body.Count - at);
        switch (random.Next(5))
        {
            case 0:
                body[at] = (byte)random.Next(256);
                break;
            case 1:
                body.RemoveRange(at, Math.Min(length, body.Count - 1));
                break;
            case 2:
                body.InsertRange(at, body.GetRange(at, length));
                break;
            case 3:
                body.Insert(at, (byte)random.Next(256));
                break;
            default:
                body.InsertRange(random.Next(body.Count), body.GetRange(at, length));
                break;
        }
    }

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
