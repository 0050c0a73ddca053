using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>
/// A trace that is being answered: a small one is a list, a large one is read span by span. A large one keeps a place that others wait for
/// until it is disposed of.
/// </summary>
public sealed class TraceStream : IDisposable
{
    /// <summary>What an answer says of a trace that is not assembled, whose reader would expect adjusted times.</summary>
    public const string NotAdjusted = "The trace is too large to be assembled: its times are as sent, not adjusted for clock skew.";

    private readonly LargeTrace? _large;
    private IDisposable? _place;

    internal TraceStream(ReadTrace whole, bool isCut, string? widthWarning)
    {
        Whole = whole;
        IsCut = isCut;
        WidthWarning = widthWarning;
    }

    internal TraceStream(LargeTrace large, string? widthWarning, IDisposable? place)
    {
        _large = large;
        _place = place;
        IsCut = large.IsCut || large.Sequence.IsCut;
        WidthWarning = widthWarning;
    }

    /// <summary>A small trace; null for a large one.</summary>
    public ReadTrace? Whole { get; }

    /// <summary>There is no such trace.</summary>
    public bool IsEmpty => _large is null ? Whole!.Spans.Count == 0 : _large.Sequence.ReportCount == 0;

    /// <summary>Spans were left out because there are too many.</summary>
    public bool IsCut { get; }

    /// <summary>The trace's id: of a small one that of its first span, of a large one the widest.</summary>
    public TraceId TraceId => _large?.Sequence.TraceId ?? Whole!.Spans[0].TraceId;

    /// <summary>What there is to say where the low half of the trace's id came in both widths; null where it did not.</summary>
    public string? WidthWarning { get; }

    /// <summary>What an answer says of a trace that is cut; null for one that is not.</summary>
    public string? Warning => IsCut ? "The trace has more spans than can be read at once: some are left out." : null;

    /// <summary>How many spans of a large trace that is not assembled were given without the parents that they name, because of circles: known when all were read.</summary>
    public int CutParents => _large?.Sequence.CutParents ?? 0;

    /// <summary>The merged spans: of a small trace by start, of a large one in the order stored, each made when it is asked for.</summary>
    /// <param name="splitsShared">Gives the server halves of shared spans ids of their own.</param>
    /// <exception cref="Tracing.Frames.FrameFormatException">What is stored is damaged.</exception>
    public IEnumerable<Span> Read(bool splitsShared)
    {
        return _large is not null ? Large.Sequence.Read(splitsShared)
            : splitsShared ? SharedSpanSplitter.Split(Whole!.Spans)
            : Whole!.Spans;
    }

    /// <summary>Assembles and judges a large trace; null where it has too many spans for that.</summary>
    /// <param name="options">How.</param>
    /// <exception cref="Tracing.Frames.FrameFormatException">What is stored is damaged.</exception>
    internal TraceOutline? Assemble(AssemblyOptions options) => Large.Assemble(options);

    /// <summary>The large trace, as long as it has its place.</summary>
    internal LargeTrace Large
    {
        get
        {
            ObjectDisposedException.ThrowIf(_place is null, this);
            return _large!;
        }
    }

    /// <summary>Lets the next one in.</summary>
    public void Dispose() => Interlocked.Exchange(ref _place, null)?.Dispose();
}
