using Serverless.Functions.Finalizing;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>A trace that is read span by span, with what is known of it beyond its spans.</summary>
/// <param name="Sequence">Where its spans are.</param>
/// <param name="Summary">What the finalizer found out last; null where it was not there yet.</param>
/// <param name="WrittenAt">When each row of the sequence was stored.</param>
/// <param name="LateAfter">A span that arrives after the trace was quiet for this long, and this long after its own end, is late.</param>
/// <param name="MostAssembled">A trace of more reports is not assembled.</param>
internal sealed record LargeTrace(
    SpanSequence Sequence, SummaryRow? Summary, IReadOnlyList<DateTimeOffset> WrittenAt, TimeSpan LateAfter, int MostAssembled)
{
    /// <summary>Rows were left out.</summary>
    public bool IsCut { get; init; }

    /// <summary>The version that was finalized last; null where none was yet.</summary>
    public FinalizedVersion? Finalized => Summary is { } summary ? new FinalizedVersion(summary.Version, summary.FinalizedAt) : null;

    /// <summary>The breaks that were found with this trace on one of the sides.</summary>
    public IReadOnlyList<PropagationBreak> Breaks =>
        Summary is null ? []
        : !Sequence.HasOthers ? Summary.Breaks
        : [.. Summary.Breaks.Where(found => found.Received.TraceId == Sequence.TraceId || found.Opened.TraceId == Sequence.TraceId)];

    /// <summary>Assembles and judges it; null where it has too many spans for that.</summary>
    /// <exception cref="Tracing.Frames.FrameFormatException">What is stored is damaged.</exception>
    public TraceOutline? Assemble(AssemblyOptions options) =>
        Sequence.CanBeAssembled(MostAssembled) ? TraceOutline.Assemble(Sequence, options, ContextOf) : null;

    private JudgeContext ContextOf(IReadOnlyList<IReadOnlyList<Span>> rows) => new()
    {
        Arrivals = StoredTrace.ArrivalsOf([.. rows.Select((row, i) => new StoredReports(default, WrittenAt[i], row))], LateAfter),
        LateAfter = LateAfter,
        IsCut = IsCut || Sequence.IsCut,
        OtherWidth = Sequence.OtherWidth,
        Breaks = Breaks,
    };
}
