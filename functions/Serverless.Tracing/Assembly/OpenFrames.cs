using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Reads single reports of a trace's frames. The frames used last stay open: deliveries that repeat do so frame by frame, so that the other report of a
/// span mostly lies in a frame that is open already.
/// </summary>
internal sealed class OpenFrames(IReadOnlyList<ReadOnlyMemory<byte>> frames, ulong traceLow, ModelPool? pool = null)
{
    private const int MostOpen = 32;

    private readonly Dictionary<int, OpenFrame> _open = [];
    private readonly Queue<int> _oldestFirst = [];

    /// <summary>One report.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public Span Read(in SpanReport report)
    {
        if (!_open.TryGetValue(report.Frame, out var frame))
            _open.Add(report.Frame, frame = Open(report.Frame));
        frame.Reader.Seek(report.Position);
        return frame.Spans!.Read() ?? throw new FrameFormatException(0, "a span that is not there");
    }

    private OpenFrame Open(int number)
    {
        var reader = _oldestFirst.Count < MostOpen ? new FrameReader() : Close();
        reader.Open(frames[number], traceLow);
        if (!reader.ReadFrame())
            throw new FrameFormatException(0, "a frame that is not there");
        _oldestFirst.Enqueue(number);
        return new OpenFrame(reader, new FrameSpans(reader, pool));
    }

    private FrameReader Close()
    {
        _open.Remove(_oldestFirst.Dequeue(), out var frame);
        return frame.Reader;
    }

    private readonly record struct OpenFrame(FrameReader Reader, FrameSpans Spans);
}
