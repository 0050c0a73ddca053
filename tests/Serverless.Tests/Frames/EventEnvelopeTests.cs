using Serverless.Tracing.Frames;

namespace Serverless.Tests.Frames;

public sealed class EventEnvelopeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void Frames_come_back_from_an_event(int length)
    {
        var frames = new byte[length];
        new Random(1).NextBytes(frames.AsSpan(length / 2));
        var output = new MemoryStream();
        output.Write(new byte[1_000_000]);

        EventEnvelope.Write(frames, 7, 3, output);
        var buffer = Array.Empty<byte>();
        var spans = EventEnvelope.Read(output.ToArray(), ref buffer, out var read);

        Assert.Equal(7, spans);
        Assert.Equal(frames, buffer[..read]);
        Assert.True(output.Length <= length + EventEnvelope.HeaderBytes);
    }

    [Fact]
    public void An_event_is_read_from_the_middle_of_a_buffer()
    {
        var frames = SpanFrames.Of(new RandomSpans(1).Make(50, 5, false));
        var output = new MemoryStream();
        EventEnvelope.Write(frames, 50, 5, output);
        byte[] padded = [1, 2, 3, .. output.ToArray(), 4, 5];

        var buffer = new byte[10];
        EventEnvelope.Read(padded.AsMemory(3, padded.Length - 5), ref buffer, out var length);

        Assert.Equal(frames, buffer[..length]);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(0)]
    public void Damage_of_an_event_is_refused_or_leaves_its_frames_whole(int repeats)
    {
        var frames = SpanFrames.Of(new RandomSpans(1).Make(5 + repeats, 2, false));
        var output = new MemoryStream();
        EventEnvelope.Write(frames, 5, 2, output);
        var body = output.ToArray();
        var buffer = Array.Empty<byte>();
        for (var at = 0; at < body.Length; at++)
        {
            body[at] ^= 0x41;
            AssertRefusedOrWhole(body, frames);
            body[at] ^= 0x41;
        }

        for (var length = 0; length < body.Length; length++)
            AssertRefusedOrWhole(body.AsMemory(0, length), frames);
        Assert.Throws<FrameFormatException>(() => EventEnvelope.Read(body.AsMemory(0, body.Length / 2), ref buffer, out _));
    }

    [Fact]
    public void An_event_that_claims_an_enormous_payload_is_refused_before_memory_is_taken()
    {
        var output = new MemoryStream();
        EventEnvelope.Write(new byte[10], 1, 1, output);
        var body = output.ToArray();
        body[15] = 0x7F;

        var buffer = Array.Empty<byte>();
        var error = Assert.Throws<FrameFormatException>(() => EventEnvelope.Read(body, ref buffer, out _));

        Assert.Contains("a payload of", error.Message);
        Assert.Empty(buffer);
    }

    private static void AssertRefusedOrWhole(ReadOnlyMemory<byte> body, byte[] frames)
    {
        try
        {
            var buffer = Array.Empty<byte>();
            EventEnvelope.Read(body, ref buffer, out var length);
            Assert.Equal(frames, buffer[..length]);
        }
        catch (FrameFormatException error)
        {
            Assert.StartsWith("Not a frame: ", error.Message);
        }
    }
}
