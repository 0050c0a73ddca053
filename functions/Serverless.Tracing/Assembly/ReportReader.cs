using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Assembly;

/// <summary>Goes from report to report of a trace in the order stored, in which each frame is opened once.</summary>
internal sealed class ReportReader(IReadOnlyList<ReadOnlyMemory<byte>> frames, ulong traceLow, ModelPool? pool = null)
{
    private readonly FrameReader _reader = new();
    private FrameSpans? _spans;
    private int _frame = -1;

    /// <summary>What gives the report as the next span.</summary>
    public FrameSpans GoTo(in SpanReport report)
    {
        if (report.Frame != _frame)
        {
            _reader.Open(frames[report.Frame], traceLow);
            _reader.ReadFrame();
            if (_spans is null)
                _spans = new FrameSpans(_reader, pool);
            else
                _spans.Begin();
            _frame = report.Frame;
        }

        _reader.Seek(report.Position);
        return _spans!;
    }
}
