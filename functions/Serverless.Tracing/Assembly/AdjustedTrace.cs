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

    private static readonly string[] Truncated = ["Parts of this span were over a limit and were cut off."];
    private static readonly string[] ClockSuspect = ["The sender's clock was far off when this span was made."];

    private readonly Dictionary<Span, List<string>> _warnings = [];

    private AdjustedTrace(AssembledTrace trace, Span[] spans, List<string>?[] warnings)
    {
        Trace = trace;
        Spans = spans;
        for (var i = 0; i < spans.Length; i++)
        {
            if (warnings[i] is { } some)
                _warnings.Add(spans[i], some);
        }

        Warnings =
        [
            .. trace.Verdicts.Where(verdict => OfTheWhole.Contains(verdict.Kind))
                .SelectMany(verdict => verdict.Evidence.Take(1)).Select(evidence => evidence.Text),
        ];
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
        var tree = trace.Tree;
        Span[] spans = [.. SharedSpanSplitter.Split(tree)];
        var warnings = new List<string>?[spans.Length];
        foreach (var finding in tree.Findings)
        {
            Add(warnings, finding.Index, finding.Reason);
            // A reader that follows parents would go round in circles.
            if (finding.Oddity is TreeOddity.SelfParent or TreeOddity.Cycle)
                spans[finding.Index] = spans[finding.Index] with { ParentId = default };
        }

        var addresses = new IpAttributes();
        for (var i = 0; i < spans.Length; i++)
        {
            if (spans[i].HasStart && trace.Times.AmountOf(i) is not 0 and var amount)
            {
                Add(warnings, i, $"This span's timestamps were adjusted by {SkewText.Of(amount)}: the clocks of its host and its parent's differ.");
                spans[i] = spans[i] with { StartNs = trace.Times.StartOf(i), Events = Shift(spans[i].Events, amount) };
            }

            foreach (var warning in WarningsOfMarks(spans[i]) ?? [])
                Add(warnings, i, warning);
            spans[i] = addresses.Normalize(Tidy(spans[i]));
            if (spans[i].ParentId.IsZero && tree.ParentOf(i) >= 0)
                spans[i] = spans[i] with { ParentId = SpanReferences.Parent(spans[i]).Parent };
        }

        LinkCycles.Cut(tree, spans, (span, warning) => Add(warnings, span, warning));
        AddSkewsLeft(trace, warnings);
        return new AdjustedTrace(trace, spans, warnings);
    }

    /// <summary>What a person should know about one of the <see cref="Spans"/>; null for nothing.</summary>
    public IReadOnlyList<string>? WarningsOf(Span span) => _warnings.GetValueOrDefault(span);

    private static void Add(List<string>?[] warnings, int span, string warning) => (warnings[span] ??= []).Add(warning);

    /// <summary>What a person should know about a span by itself; null for nothing.</summary>
    public static IReadOnlyList<string>? WarningsOfMarks(Span span)
    {
        ArgumentNullException.ThrowIfNull(span);
        return (span.Marks & (SpanMarks.Truncated | SpanMarks.ClockSuspect)) switch
        {
            SpanMarks.None => null,
            SpanMarks.Truncated => Truncated,
            SpanMarks.ClockSuspect => ClockSuspect,
            _ => [.. Truncated, .. ClockSuspect],
        };
    }

    private static void AddSkewsLeft(AssembledTrace trace, List<string>?[] warnings)
    {
        var left = new Dictionary<(SpanId, string), HostSkew>();
        foreach (var skew in trace.Times.Skews)
        {
            if (!skew.IsApplied)
                left.TryAdd((skew.SpanId, skew.ToService), skew);
        }

        for (var i = 0; left.Count > 0 && i < warnings.Length; i++)
        {
            if (left.TryGetValue((trace.Tree[i].Id, trace.Tree[i].ServiceName), out var skew))
                Add(warnings, i, $"The clock of this span's host is off by {SkewText.Of(-skew.AmountNs)} against its parent's; the times were not adjusted.");
        }
    }

    private static SpanEvent[] Shift(IReadOnlyList<SpanEvent> events, long amount) =>
        [.. events.Select(e => e with { TimeNs = (ulong)Int128.Clamp((Int128)e.TimeNs + amount, 0, ulong.MaxValue) })];

    /// <summary>Events by time, no links that point nowhere, and the link first that stands for the parent.</summary>
    private static Span Tidy(Span span)
    {
        for (var i = 1; i < span.Events.Count; i++)
        {
            if (span.Events[i].TimeNs < span.Events[i - 1].TimeNs)
            {
                span = span with { Events = [.. span.Events.OrderBy(e => e.TimeNs)] };
                break;
            }
        }

        if (span.Links.Any(IsEmpty))
            span = span with { Links = [.. span.Links.Where(link => !IsEmpty(link))] };
        if (span.ParentId.IsZero && span.Links.Count > 1 && SpanReferences.Parent(span).Parent is { IsZero: false } parent)
            span = span with { Links = [.. span.Links.OrderBy(link => link.SpanId != parent || link.TraceId.Low != span.TraceId.Low)] };
        return span;
    }

    private static bool IsEmpty(SpanLink link) => link.TraceId.IsZero && link.SpanId.IsZero;
}
