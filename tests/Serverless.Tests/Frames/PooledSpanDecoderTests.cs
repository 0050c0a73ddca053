using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Frames;

public sealed class PooledSpanDecoderTests
{
    // The decoder takes frames as trace rows have them: without the low half of the id in front.
    private const int TraceLowBytes = 8;

    private readonly PooledSpanDecoder _decoder = new();

    [Fact]
    public void Trace_after_trace_decodes_as_each_by_itself()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var spans = new RandomSpans(seed).Make(1 + (seed * 7 % 60), 1, seed % 2 == 0);
            var frames = SpanFrames.Of(spans);

            Assert.Equal(SpanFrames.Describe(SpanFrames.Decode(frames)), SpanFrames.Describe(Decode(frames, spans[0].TraceId.Low)));
        }
    }

    [Fact]
    public void Traces_share_what_made_them_and_the_texts_that_repeat()
    {
        var first = Assert.Single(Decode(Frames(1, "instance-1"), 1));
        var second = Assert.Single(Decode(Frames(2, "instance-1"), 2));

        Assert.Same(first.Resource, second.Resource);
        Assert.Same(first.Scope, second.Scope);
        Assert.Same(first.Name, second.Name);
        Assert.Same(first.Attributes[0].Key, second.Attributes[0].Key);
        Assert.Equal(("1", "2"), (first.Attributes[0].Value.Text, second.Attributes[0].Value.Text));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20_000)]
    public void What_differs_is_not_shared_however_many_there_are(int instances)
    {
        for (var round = 0; round < 2; round++)
        {
            for (var i = 1; i <= instances; i++)
            {
                var span = Assert.Single(Decode(Frames((ulong)i, $"instance-{i}"), (ulong)i));
                Assert.Equal($"instance-{i}", span.Resource.Attributes[1].Value.Text);
                Assert.Equal(("shop", "op"), (span.ServiceName, span.Name));
            }
        }
    }

    [Fact]
    public void After_a_damaged_row_the_next_is_read_as_ever()
    {
        var frames = Frames(1, "instance-1");
        for (var length = 1; length < frames.Length - TraceLowBytes; length++)
        {
            Assert.Throws<FrameFormatException>(() => _decoder.Decode(frames.AsMemory(TraceLowBytes, length), 1, []));
            Assert.Equal("shop", Assert.Single(Decode(frames, 1)).ServiceName);
        }
    }

    private static byte[] Frames(ulong trace, string instance) => SpanFrames.Of(
    [
        new Span
        {
            TraceId = new TraceId(7, trace),
            Id = new SpanId(1),
            Name = "op",
            Resource = new Resource
            {
                ServiceName = "shop",
                Attributes =
                [
                    new SpanAttribute("service.name", AttributeValue.Of("shop")),
                    new SpanAttribute("service.instance.id", AttributeValue.Of(instance)),
                    new SpanAttribute("process.pid", AttributeValue.Of(17)),
                ],
            },
            Scope = new InstrumentationScope { Name = "http", Version = "1.2" },
            Attributes = [new SpanAttribute("cart", AttributeValue.Of($"{trace}"))],
        },
    ]);

    private List<Span> Decode(byte[] frames, ulong traceLow)
    {
        var spans = new List<Span>();
        _decoder.Decode(frames.AsMemory(TraceLowBytes), traceLow, spans);
        return spans;
    }
}
