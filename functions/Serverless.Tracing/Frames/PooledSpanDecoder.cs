using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>
/// Makes <see cref="Span"/> objects of the frames of many traces, one trace after the other: what it reads with is made once, and what traces have in common is
/// (<see cref="ModelPool"/>). Used by one reader at a time.
/// </summary>
public sealed class PooledSpanDecoder
{
    // Frames that are longer make the reader take memory that is not worth keeping.
    private const int LongestKeptBytes = 256 * 1024;

    private readonly ModelPool _pool = new();
    private FrameReader _reader = new();
    private FrameSpans? _spans;

    /// <summary>Adds every span of frames that are stored under the low 64 bits of their traces' ids to a list, in the order stored.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public void Decode(ReadOnlyMemory<byte> frames, ulong traceLow, List<Span> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        try
        {
            _reader.Open(frames, traceLow);
            while (_reader.ReadFrame())
            {
                spans.EnsureCapacity(spans.Count + _reader.SpanCount);
                if (_spans is null)
                    _spans = new FrameSpans(_reader, _pool);
                else
                    _spans.Begin();
                while (_spans.Read() is { } span)
                    spans.Add(span);
            }
        }
        finally
        {
            if (frames.Length > LongestKeptBytes)
                (_reader, _spans) = (new FrameReader(), null);
            else
                _reader.Open(default);
        }
    }
}
