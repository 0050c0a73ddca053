using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Cuts circles of parents where <see cref="TraceTree"/> does, for readers that build a tree of what they are given. Zipkin's page shows nothing of
/// what is in a circle, and where all of a trace is, none of the other traces that were found with it either.
/// </summary>
public static class ParentCircles
{
    /// <summary>The trace without circles: the same list where there are none.</summary>
    /// <param name="trace">The spans of one trace as <see cref="SpanMerger.Merge"/> gives them.</param>
    /// <returns>The spans in the same order; the earliest span of each circle, and each that names itself, is a copy that names no parent.</returns>
    public static IReadOnlyList<Span> Cut(IReadOnlyList<Span> trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        if (!MayHaveCircles(trace))
            return trace;
        var cut = new HashSet<Span>(ReferenceEqualityComparer.Instance);
        foreach (var finding in TraceTree.Build(trace).Findings)
        {
            if (finding.Oddity == TreeOddity.Cycle)
                cut.Add(finding.Span);
        }

        return trace.Any(IsCut) ? [.. trace.Select(span => IsCut(span) ? span with { ParentId = default } : span)] : trace;

        bool IsCut(Span span) => span.ParentId == span.Id || cut.Contains(span);
    }

    // Spans come by start: where every parent comes before its child there is no circle, and in most traces it does.
    private static bool MayHaveCircles(IReadOnlyList<Span> trace)
    {
        var first = new Dictionary<SpanId, int>(trace.Count);
        for (var i = 0; i < trace.Count; i++)
            first.TryAdd(trace[i].Id, i);
        for (var i = 0; i < trace.Count; i++)
        {
            if (!trace[i].ParentId.IsZero && first.TryGetValue(trace[i].ParentId, out var parent) && parent >= first[trace[i].Id])
                return true;
        }

        return false;
    }
}
