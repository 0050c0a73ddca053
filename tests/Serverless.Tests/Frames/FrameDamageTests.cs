using Serverless.Tracing.Frames;

namespace Serverless.Tests.Frames;

public sealed class FrameDamageTests
{
    [Fact]
    public void A_frame_that_is_cut_off_is_refused()
    {
        var frames = SpanFrames.Of(new RandomSpans(3).Make(12, 1, false));

        for (var length = 1; length < frames.Length; length++)
        {
            var error = Assert.Throws<FrameFormatException>(() => SpanFrames.Decode(frames.AsMemory(0, length)));
            Assert.StartsWith("Not a frame: ", error.Message);
        }
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void Any_changed_byte_of_a_frame_makes_other_spans_or_is_refused(int seed, bool wholeMicroseconds)
    {
        var frames = SpanFrames.Of(new RandomSpans(seed).Make(8, 2, wholeMicroseconds));
        var refused = 0;
        for (var at = 0; at < frames.Length; at++)
        {
            var was = frames[at];
            foreach (var change in (byte[])[1, 0x80, 0xFF, 0x55])
            {
                frames[at] = (byte)(was ^ change);
                try
                {
                    SpanFrames.Decode(frames);
                }
                catch (FrameFormatException)
                {
                    refused++;
                }
            }

            frames[at] = was;
        }

        Assert.InRange(refused, 1, frames.Length * 4);
    }

    [Fact]
    public void A_frame_of_another_version_says_so()
    {
        var frames = SpanFrames.Of(new RandomSpans(6).Make(1, 1, false));
        const int TraceId = 8;
        frames[TraceId + (frames[TraceId] < 0x80 ? 1 : 2)] = 9;

        var error = Assert.Throws<FrameFormatException>(() => SpanFrames.Decode(frames));

        Assert.Contains("version 9 where 1 was expected", error.Message);
    }
}
