using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>Where a large trace's circles of parents are cut: where <see cref="TraceTree"/> cuts those of a small one.</summary>
internal static class StoredCuts
{
    // To know where a circle is cut all its spans are needed. Of more than these each is cut from its parent.
    private const int MaxSpansInCircles = 20_000;

    /// <summary>The spans that are cut from their parents, each by the first report of its id and its place among the merged spans of that.</summary>
    /// <exception cref="Frames.FrameFormatException">The bytes are damaged.</exception>
    public static IReadOnlySet<(int First, int Position)> Find(SpanSequence sequence)
    {
        var frames = sequence.NewFrames();
        var inCircles = new Dictionary<Span, (int First, int Position)>(ReferenceEqualityComparer.Instance);
        var cuts = new HashSet<(int First, int Position)>();
        foreach (var first in StoredCircles.FirstReports(sequence.Reports))
        {
            var spans = sequence.IsRepeated(first) ? sequence.Merge(first, frames) : [frames.Read(sequence.Reports[first])];
            foreach (var (position, span) in spans.Index())
            {
                if (inCircles.Count < MaxSpansInCircles)
                    inCircles.Add(span, (first, position));
                cuts.Add((first, position));
            }
        }

        if (cuts.Count > inCircles.Count)
            return cuts;
        cuts.Clear();
        foreach (var finding in TraceTree.Build([.. inCircles.Keys]).Findings)
        {
            if (finding.Oddity == TreeOddity.Cycle)
                cuts.Add(inCircles[finding.Span]);
        }

        return cuts;
    }
}
