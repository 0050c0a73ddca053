using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Frames;

public sealed class FrameRoundTripTests
{
    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(1, 1, true)]
    [InlineData(2, 1, true)]
    [InlineData(16, 1, false)]
    [InlineData(17, 1, false)]
    [InlineData(40, 7, true)]
    [InlineData(300, 120, false)]
    [InlineData(1000, 1, false)]
    [InlineData(1000, 300, true)]
    public void What_a_span_holds_comes_back_from_its_frame(int count, int traces, bool wholeMicroseconds)
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var spans = new RandomSpans(seed).Make(count, traces, wholeMicroseconds);

            var decoded = SpanFrames.Decode(SpanFrames.Of(spans));

            var expected = spans.GroupBy(span => span.TraceId).SelectMany(trace => trace);
            Assert.Equal(SpanFrames.Describe(expected), SpanFrames.Describe(decoded));
        }
    }

    [Fact]
    public void A_batch_and_its_writer_can_be_used_again()
    {
        var batch = new SpanBatch();
        var writer = new FrameWriter();
        var buffer = new FrameBuffer();
        for (var seed = 0; seed < 20; seed++)
        {
            var spans = new RandomSpans(seed).Make(30, 4, seed % 2 == 0);
            batch.Reset(SpanProtocol.Otlp);
            buffer.Reset();
            SpanFrames.Fill(batch, spans);

            writer.Write(batch, buffer);

            Assert.Equal(SpanFrames.Of(spans), buffer.Written.ToArray());
            Assert.Equal(30, buffer.Frames.Sum(frame => frame.Spans));
        }
    }

    [Fact]
    public void Whole_microseconds_make_a_smaller_frame()
    {
        Span At(ulong ns) => new() { TraceId = new TraceId(0, 1), Id = new SpanId(2), StartNs = ns, DurationNs = 5_000_000 };

        var whole = SpanFrames.Of([At(1_753_600_000_000_000_000), At(1_753_600_000_900_000_000)]);
        var fine = SpanFrames.Of([At(1_753_600_000_000_000_001), At(1_753_600_000_900_000_000)]);

        Assert.True(whole.Length < fine.Length, $"{whole.Length} bytes against {fine.Length}");
    }

    [Fact]
    public void An_event_of_a_span_without_a_start_keeps_its_time_whatever_start_the_decoder_left()
    {
        var span = new Span
        {
            TraceId = new TraceId(0, 1),
            Id = new SpanId(2),
            StartNs = 77_000,
            Marks = SpanMarks.NoStart,
            Events = [new SpanEvent(5_000, "sent", [], 0)],
        };

        var decoded = Assert.Single(SpanFrames.Decode(SpanFrames.Of([span])));

        Assert.Equal(0UL, decoded.StartNs);
        Assert.Equal(5_000UL, Assert.Single(decoded.Events).TimeNs);
    }

    [Fact]
    public void Frames_of_several_batches_can_be_read_one_after_the_other()
    {
        var first = new RandomSpans(1).Make(10, 3, false);
        var second = new RandomSpans(2).Make(10, 3, true);

        var decoded = SpanFrames.Decode((byte[])[.. SpanFrames.Of(first), .. SpanFrames.Of(second)]);

        Assert.Equal(20, decoded.Count);
        Assert.Equal(
            first.Concat(second).Select(SpanFrames.Describe).Order(StringComparer.Ordinal),
            decoded.Select(SpanFrames.Describe).Order(StringComparer.Ordinal));
    }
    [Fact]
    public void A_trace_that_is_too_large_for_one_frame_becomes_several_that_each_fit_and_together_hold_every_span()
    {
        var spans = new RandomSpans(8).Make(4000, 1, wholeMicroseconds: false);
        var batch = new SpanBatch();
        batch.Reset(SpanProtocol.Otlp);
        SpanFrames.Fill(batch, spans);
        var buffer = new FrameBuffer();

        new FrameWriter().Write(batch, buffer);

        Assert.InRange(buffer.Frames.Count, 2, 100);
        Assert.All(buffer.Frames, frame => Assert.InRange(frame.Length, 1, FrameWriter.MaxFrameBytes + 16));
        Assert.Equal(spans.Count, buffer.Frames.Sum(frame => frame.Spans));
        Assert.Equal(SpanFrames.Describe(spans), SpanFrames.Describe(SpanFrames.Decode(buffer.Written.ToArray())));
    }

}
