using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>A large trace as Jaeger's APIs show it: its spans in the order stored, each read when its turn has come.</summary>
internal sealed class LargeJaegerTrace
{
    private readonly TraceStream _trace;
    private readonly string[] _warnings;

    private LargeJaegerTrace(TraceStream trace, IEnumerable<(Span Span, IReadOnlyList<string>? Warnings)> spans, params string?[] warnings) =>
        (_trace, Spans, _warnings, TraceId) = (trace, spans, [.. warnings.OfType<string>()], trace.TraceId);

    /// <summary>The spans, each with what a person should know about it, or null.</summary>
    public IEnumerable<(Span Span, IReadOnlyList<string>? Warnings)> Spans { get; }

    /// <summary>The id that all of them are written with.</summary>
    public TraceId TraceId { get; private init; }

    /// <summary>What keeps the trace from being all that its reader expects; null for nothing.</summary>
    public string? Lack { get; private init; }

    /// <summary>What a person should know about the trace: all of it when its spans were read.</summary>
    public IReadOnlyList<string> Warnings => _trace.CutParents == 0 ? _warnings :
        [.. _warnings, $"{_trace.CutParents} spans name themselves or a span below them as their parents: they are shown without."];

    /// <summary>The trace as it was sent.</summary>
    public static LargeJaegerTrace Raw(TraceStream trace) =>
        new(trace, trace.Read(splitsShared: false).Select(span => (span, (IReadOnlyList<string>?)null)), trace.Warning) { Lack = trace.Warning };

    /// <summary>The trace with its clocks set to each other, and what is odd about it said.</summary>
    public static LargeJaegerTrace Adjusted(TraceStream trace, TraceOutline outline) =>
        new(trace, outline.ReadAdjusted(), [trace.Warning, .. outline.Warnings, trace.WidthWarning])
        {
            Lack = trace.Warning,
            // As of a small trace that of its first span, where it was sent in both widths.
            TraceId = outline.Trace.Tree[0].TraceId,
        };

    /// <summary>A trace of more spans than are assembled: shared spans are told apart and circles cut, and it says that its times are as sent.</summary>
    public static LargeJaegerTrace NotAdjusted(TraceStream trace) =>
        new(trace, trace.Read(splitsShared: true).Select(span => (span, AdjustedTrace.WarningsOfMarks(span))), trace.Warning, TraceStream.NotAdjusted, trace.WidthWarning)
        {
            Lack = trace.Warning ?? TraceStream.NotAdjusted,
        };
}
