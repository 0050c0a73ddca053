using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>
/// A trace that is being answered: a small one is a list, a large one is read span by span. A large one keeps a place that others wait for
/// until it is disposed of.
/// </summary>
public sealed class TraceStream : IDisposable
{
    /// <summary>What an answer says of a large trace whose reader would expect adjusted times.</summary>
    public const string NotAdjusted = "The trace is too large to be assembled: its times are as sent, not adjusted for clock skew.";

    private readonly SpanSequence? _sequence;
    private IDisposable? _place;

    internal TraceStream(ReadTrace whole, bool isCut, string? widthWarning)
    {
        Whole = whole;
        IsCut = isCut;
        WidthWarning = widthWarning;
    }

    internal TraceStream(SpanSequence sequence, bool isCut, IDisposable? place)
    {
        _sequence = sequence;
        _place = place;
        IsCut = isCut || sequence.IsCut;
    }

    /// <summary>A small trace; null for a large one.</summary>
    public ReadTrace? Whole { get; }

    /// <summary>There is no such trace.</summary>
    public bool IsEmpty => _sequence is null ? Whole!.Spans.Count == 0 : _sequence.ReportCount == 0;

    /// <summary>Spans were left out because there are too many.</summary>
    public bool IsCut { get; }

    /// <summary>The trace's id: of a small one that of its first span, of a large one the widest.</summary>
    public TraceId TraceId => _sequence?.TraceId ?? Whole!.Spans[0].TraceId;

    /// <summary>What there is to say where the low half of a small trace's id came in both widths; null where it did not.</summary>
    public string? WidthWarning { get; }

    /// <summary>What an answer says of a trace that is cut; null for one that is not.</summary>
    public string? Warning => IsCut ? "The trace has more spans than can be read at once: some are left out." : null;

    /// <summary>How many spans of a large trace were given without the parents that they name, because of circles: known when all were read.</summary>
    public int CutParents => _sequence?.CutParents ?? 0;

    /// <summary>The merged spans: of a small trace by start, of a large one in the order stored, each made when it is asked for.</summary>
    /// <param name="splitsShared">Gives the server halves of shared spans ids of their own.</param>
    /// <exception cref="Tracing.Frames.FrameFormatException">What is stored is damaged.</exception>
    public IEnumerable<Span> Read(bool splitsShared)
    {
        ObjectDisposedException.ThrowIf(_sequence is not null && _place is null, this);
        return _sequence is not null ? _sequence.Read(splitsShared)
            : splitsShared ? SharedSpanSplitter.Split(Whole!.Spans)
            : Whole!.Spans;
    }

    /// <summary>The merged spans as they were sent, but for circles of parents, which are cut (<see cref="ParentCircles"/>).</summary>
    /// <exception cref="Tracing.Frames.FrameFormatException">What is stored is damaged.</exception>
    public IEnumerable<Span> ReadWithoutCircles()
    {
        ObjectDisposedException.ThrowIf(_sequence is not null && _place is null, this);
        return _sequence is not null ? _sequence.Read(splitsShared: false, cutsCircles: true) : ParentCircles.Cut(Whole!.Spans);
    }

    /// <summary>Lets the next one in.</summary>
    public void Dispose() => Interlocked.Exchange(ref _place, null)?.Dispose();
}
