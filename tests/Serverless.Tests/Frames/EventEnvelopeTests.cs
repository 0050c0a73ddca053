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

    [Fact]
    public void A_section_comes_back_behind_the_frames_with_the_events_id_and_attempt()
    {
        byte[] frames = [1, 2, 3, 4, 5];
        byte[] section = [9, 8, 7];
        var output = new MemoryStream();
        EventEnvelope.Write(frames, section, 7, 3, 0xABCDEF0123456789, output);
        var body = output.ToArray();
        EventEnvelope.SetAttempt(body, 4);

        var buffer = Array.Empty<byte>();
        var content = EventEnvelope.Read(body, ref buffer);

        Assert.Equal(new EventContent(2, 7, 5, 3, 0xABCDEF0123456789, 4), content);
        Assert.Equal([.. frames, .. section], buffer[..8]);
        EventEnvelope.SetAttempt(body, 1_000);
        Assert.Equal(EventEnvelope.Requeued - 1, EventEnvelope.Read(body, ref buffer).Attempt);
    }

    /// <summary>What lies in hubs and in quarantine from before the ledger.</summary>
    [Fact]
    public void An_event_of_version_1_is_still_read()
    {
        byte[] frames = [1, 2, 3, 4, 5];
        var header = new byte[20];
        "SF"u8.CopyTo(header);
        header[2] = 1;
        header[4] = 7;
        header[8] = 3;
        header[12] = 5;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), EventEnvelope.Crc32C(frames));

        var buffer = Array.Empty<byte>();
        var content = EventEnvelope.Read((byte[])[.. header, .. frames], ref buffer);

        Assert.Equal(new EventContent(1, 7, 5, 0, 0, 0), content);
        Assert.Equal(frames, buffer[..5]);
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
