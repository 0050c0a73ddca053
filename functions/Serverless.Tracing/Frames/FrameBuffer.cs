namespace Serverless.Tracing.Frames;

/// <summary>The frames of one request, one after the other, and where each trace's lies. Keeps its memory between uses.</summary>
public sealed class FrameBuffer
{
    /// <summary>
    /// The most bytes that the frames of one request may take. Only requests whose traces have little of their own and much in common
    /// come near it: what is common is written into the frame of each trace.
    /// </summary>
    public const int MaxBytes = 64 << 20;

    private const int LargestKeptBytes = 4 << 20;
    private const int LargestKeptFrames = 1 << 16;

    private readonly List<FrameSlice> _frames = [];
    private byte[] _bytes = new byte[64 * 1024];

    /// <summary>One entry for each frame, in the order in which the traces came first.</summary>
    public IReadOnlyList<FrameSlice> Frames => _frames;

    /// <summary>The bytes of all frames.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>How many bytes all frames take.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes of one frame.</summary>
    public ReadOnlySpan<byte> Bytes(in FrameSlice frame) => _bytes.AsSpan(frame.Offset, frame.Length);

    /// <summary>Empties the buffer for another request.</summary>
    public void Reset()
    {
        _frames.Clear();
        if (_frames.Capacity > LargestKeptFrames)
            _frames.TrimExcess();
        Length = 0;
        if (_bytes.Length > LargestKeptBytes)
            _bytes = new byte[64 * 1024];
    }

    /// <summary>Room for a frame of that many bytes, to be filled in at once.</summary>
    /// <exception cref="FramesTooLargeException">There would be more than <see cref="MaxBytes"/>.</exception>
    internal Span<byte> AddFrame(ulong traceLow, int length, int spans, int firstSpan)
    {
        if (length > MaxBytes - Length)
            throw new FramesTooLargeException();
        if (Length + length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + length));
        var span = _bytes.AsSpan(Length, length);
        _frames.Add(new FrameSlice(traceLow, Length, length, spans, firstSpan));
        Length += length;
        return span;
    }
}
