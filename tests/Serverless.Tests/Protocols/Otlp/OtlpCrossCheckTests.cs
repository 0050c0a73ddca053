using System.Globalization;
using Google.Protobuf;
using Serverless.Tests.Protocols.Protobuf;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Tests.Protocols.Otlp;

/// <summary>The decoders and Google's library find the same spans in the same bytes.</summary>
/// <remarks>The environment variable <c>SERVERLESS_FUZZ_ROUNDS</c> makes it longer.</remarks>
public sealed class OtlpCrossCheckTests
{
    private const string RoundsVariable = "SERVERLESS_FUZZ_ROUNDS";
    private const int UsualRounds = 300;

    private readonly SpanBatch _batch = new();
    private readonly OtlpProtobufDecoder _protobuf = new();
    private readonly OtlpJsonDecoder _json = new();

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable(RoundsVariable), CultureInfo.InvariantCulture, out var rounds) ? rounds : UsualRounds;

    [Theory]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public void Random_requests_have_the_same_spans_in_every_encoding(int firstSeed)
    {
        var spans = 0;
        var rejected = 0;
        for (var seed = firstSeed; seed < firstSeed + Rounds; seed++)
        {
            var body = new RandomMessages(seed).Next(OtlpSchema.Request);
            var message = DynamicMessage.Parse(OtlpSchema.Request, body);
            var expected = new OtlpMessageText(message);
            AssertSame(expected, body, isJson: false, $"seed {seed}");
            AssertSame(expected, message.ToByteArray(), isJson: false, $"seed {seed}, encoded again");
            AssertSame(expected, OtlpMessageJson.Of(message), isJson: true, $"seed {seed}, in JSON");
            spans += expected.Accepted;
            rejected += expected.Rejected;
        }

        Assert.True(spans > Rounds && rejected > Rounds / 10, $"{spans} spans and {rejected} rejected ones are too few to say anything.");
    }

    [Fact]
    public void What_the_decoder_is_tested_with_is_read_by_the_library_as_well()
    {
        var message = DynamicMessage.Parse(OtlpSchema.Request, OtlpMessages.Full());
        Assert.Equal(OtlpProtobufDecoderTests.FullText, new OtlpMessageText(message).ToString());
        Assert.Equal(OtlpMessages.Full().Length, message.ToByteArray().Length);
    }

    [Fact]
    public void The_library_refuses_what_is_cut_off_as_the_decoder_does()
    {
        var body = OtlpMessages.Full();
        for (var length = 1; length < body.Length; length++)
        {
            var cut = body[..length];
            Assert.Throws<InvalidProtocolBufferException>(() => DynamicMessage.Parse(OtlpSchema.Request, cut));
            Assert.Throws<MalformedSpansException>(() => Decode(cut, isJson: false));
        }
    }

    private void AssertSame(OtlpMessageText expected, byte[] body, bool isJson, string what)
    {
        var result = Decode(body, isJson);
        Assert.True((result.Accepted, result.Rejected, result.Truncated) == (expected.Accepted, expected.Rejected, 0), $"{what}: {result}; expected {expected.Accepted}, {expected.Rejected}");
        Assert.Equal($"{what}\n{expected}", $"{what}\n{BatchText.Of(_batch)}");
    }

    private DecodeResult Decode(byte[] body, bool isJson)
    {
        _batch.Reset(SpanProtocol.Otlp);
        return isJson ? _json.Decode(body, _batch, DecodeLimits.Default) : _protobuf.Decode(body, _batch, DecodeLimits.Default);
    }
}
