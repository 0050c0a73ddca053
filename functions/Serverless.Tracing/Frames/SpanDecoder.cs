using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>Makes <see cref="Span"/> objects of frames, for those who read traces.</summary>
public static class SpanDecoder
{
    /// <summary>Adds every span of the frames to a list, in the order stored.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public static void Decode(ReadOnlyMemory<byte> frames, List<Span> spans)
    {
        var reader = new FrameReader();
        reader.Open(frames);
        AddTo(spans, reader);
    }

    /// <summary>The same for frames that are stored under the low 64 bits of their traces' ids.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public static void Decode(ReadOnlyMemory<byte> frames, ulong traceLow, List<Span> spans)
    {
        var reader = new FrameReader();
        reader.Open(frames, traceLow);
        AddTo(spans, reader);
    }

    private static void AddTo(List<Span> spans, FrameReader reader)
    {
        while (reader.ReadFrame())
        {
            var frame = new FrameSpans(reader);
            spans.EnsureCapacity(spans.Count + reader.SpanCount);
            while (frame.Read() is { } span)
                spans.Add(span);
        }
    }
}
