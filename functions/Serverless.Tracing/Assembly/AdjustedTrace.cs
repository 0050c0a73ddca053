using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// A trace for readers that know neither shared ids nor skewed clocks, such as Jaeger's page: the spans with ids of their own, each naming
/// the parent that it is under, with the times after adjustment. What was changed, and what is odd, is told by warnings.
/// </summary>
public sealed class AdjustedTrace
{
    // What is said of single spans is said there.
    private static readonly VerdictKind[] OfTheWhole = [VerdictKind.RootMissing, VerdictKind.Late, VerdictKind.Sampled, VerdictKind.PropagationBroken];

    private readonly Dictionary<Span, IReadOnlyList<string>> _warnings = [];

    private AdjustedTrace(AssembledTrace trace)
    {
        Trace = trace;
        Warnings = WarningsOfWhole(trace);
        var adjustments = SpanAdjustments.Of(trace);
        var spans = new Span[trace.Tree.Count];
        for (var i = 0; i < spans.Length; i++)
        {
            spans[i] = adjustments.Apply(i, trace.Tree[i]);
            if (adjustments.WarningsOf(i) is { } some)
                _warnings.Add(spans[i], some);
        }

        Spans = spans;
    }

    /// <summary>The trace that this is a view of.</summary>
    public AssembledTrace Trace { get; }

    /// <summary>The spans in the order of <see cref="TraceTree.Spans"/>; those that changed are copies.</summary>
    public IReadOnlyList<Span> Spans { get; }

    /// <summary>What a person should know about the trace as a whole.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Makes the view.</summary>
    public static AdjustedTrace Of(AssembledTrace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        return new AdjustedTrace(trace);
    }

    /// <summary>What a person should know about one of the <see cref="Spans"/>; null for nothing.</summary>
    public IReadOnlyList<string>? WarningsOf(Span span) => _warnings.GetValueOrDefault(span);

    /// <summary>What a person should know about a span by itself; null for nothing.</summary>
    public static IReadOnlyList<string>? WarningsOfMarks(Span span)
    {
        ArgumentNullException.ThrowIfNull(span);
        return SpanAdjustments.WarningsOfMarks(span);
    }

    /// <summary>What a person should know about a trace as a whole.</summary>
    internal static IReadOnlyList<string> WarningsOfWhole(AssembledTrace trace) =>
    [
        .. trace.Verdicts.Where(verdict => OfTheWhole.Contains(verdict.Kind))
            .SelectMany(verdict => verdict.Evidence.Take(1)).Select(evidence => evidence.Text),
    ];
}
