using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// What has to change in the spans of a trace for readers that know neither shared ids nor skewed clocks, such as Jaeger's page: each gets an id of its own
/// and the parent that it is under, with the times after adjustment. The trace may be one of outlines (<see cref="TraceOutline"/>): what is found of them is
/// done to the spans.
/// </summary>
internal sealed class SpanAdjustments
{
    private static readonly string[] Truncated = ["Parts of this span were over a limit and were cut off."];
    private static readonly string[] ClockSuspect = ["The sender's clock was far off when this span was made."];

    private readonly AssembledTrace _trace;

    // The spans of the tree with the ids, parents and links that they get: the same objects where those stay.
    private readonly Span[] _placed;

    // Per span its first finding, and per finding the next one of the same span or -1; null where there are none. Words are made when they are asked for.
    private readonly int[]? _firstFindings;
    private readonly int[] _nextFindings = [];
    private readonly Dictionary<int, List<string>> _furtherWarnings = [];
    private readonly IpAttributes _addresses = new();

    private SpanAdjustments(AssembledTrace trace)
    {
        _trace = trace;
        _placed = [.. SharedSpanSplitter.Split(trace.Tree)];
        var findings = trace.Tree.Findings;
        if (findings.Count == 0)
            return;
        _firstFindings = new int[_placed.Length];
        _firstFindings.AsSpan().Fill(-1);
        _nextFindings = new int[findings.Count];
        for (var i = findings.Count - 1; i >= 0; i--)
        {
            _nextFindings[i] = _firstFindings[findings[i].Index];
            _firstFindings[findings[i].Index] = i;
        }
    }

    /// <summary>Finds out what has to change.</summary>
    public static SpanAdjustments Of(AssembledTrace trace)
    {
        var (tree, adjustments) = (trace.Tree, new SpanAdjustments(trace));
        var placed = adjustments._placed;
        foreach (var finding in tree.Findings)
        {
            // A reader that follows parents would go round in circles.
            if (finding.Oddity is TreeOddity.SelfParent or TreeOddity.Cycle)
                placed[finding.Index] = placed[finding.Index] with { ParentId = default };
        }

        for (var i = 0; i < placed.Length; i++)
            placed[i] = WithTidyLinks(placed[i]);
        LinkCycles.Cut(tree, placed, adjustments.Warn);
        adjustments.WarnOfSkewsLeft();
        return adjustments;
    }

    /// <summary>What a person should know about a span of the tree; null for nothing.</summary>
    public IReadOnlyList<string>? WarningsOf(int index)
    {
        List<string>? warnings = null;
        for (var at = _firstFindings?[index] ?? -1; at >= 0; at = _nextFindings[at])
            (warnings ??= []).Add(_trace.Tree.Findings[at].Reason);
        if (AmountOf(index) is not 0 and var amount)
            (warnings ??= []).Add($"This span's timestamps were adjusted by {SkewText.Of(amount)}: the clocks of its host and its parent's differ.");
        foreach (var ofMarks in WarningsOfMarks(_trace.Tree[index]) ?? [])
            (warnings ??= []).Add(ofMarks);
        if (_furtherWarnings.TryGetValue(index, out var further))
            (warnings ??= []).AddRange(further);
        return warnings;
    }

    /// <summary>Changes a span: the same object where nothing has to change.</summary>
    /// <param name="index">The span's index in the tree.</param>
    /// <param name="span">The span: that of the tree, or the one whose outline is there.</param>
    public Span Apply(int index, Span span)
    {
        var (original, placed) = (_trace.Tree[index], _placed[index]);
        if (ReferenceEquals(span, original))
            span = placed;
        else if (!ReferenceEquals(original, placed))
            span = span with { Id = placed.Id, ParentId = placed.ParentId, Marks = placed.Marks, Links = LinksOf(span, original, placed) };

        if (AmountOf(index) is not 0 and var amount)
            span = span with { StartNs = _trace.Times.StartOf(index), Events = Shift(span.Events, amount) };
        return _addresses.Normalize(WithEventsInOrder(span));
    }

    /// <summary>What a person should know about a span by itself; null for nothing.</summary>
    public static IReadOnlyList<string>? WarningsOfMarks(Span span) =>
        (span.Marks & (SpanMarks.Truncated | SpanMarks.ClockSuspect)) switch
        {
            SpanMarks.None => null,
            SpanMarks.Truncated => Truncated,
            SpanMarks.ClockSuspect => ClockSuspect,
            _ => [.. Truncated, .. ClockSuspect],
        };

    private long AmountOf(int index) => _trace.Tree[index].HasStart ? _trace.Times.AmountOf(index) : 0;

    private void Warn(int span, string warning)
    {
        if (!_furtherWarnings.TryGetValue(span, out var warnings))
            _furtherWarnings.Add(span, warnings = []);
        warnings.Add(warning);
    }

    private void WarnOfSkewsLeft()
    {
        var left = new Dictionary<(SpanId, string), HostSkew>();
        foreach (var skew in _trace.Times.Skews)
        {
            if (!skew.IsApplied)
                left.TryAdd((skew.SpanId, skew.ToService), skew);
        }

        for (var i = 0; left.Count > 0 && i < _placed.Length; i++)
        {
            if (left.TryGetValue((_trace.Tree[i].Id, _trace.Tree[i].ServiceName), out var skew))
                Warn(i, $"The clock of this span's host is off by {SkewText.Of(-skew.AmountNs)} against its parent's; the times were not adjusted.");
        }
    }

    // An outline has its span's links at their places, and those of a placed outline are some of them, mostly in that order.
    private static IReadOnlyList<SpanLink> LinksOf(Span span, Span outline, Span placed)
    {
        if (ReferenceEquals(outline.Links, placed.Links))
            return span.Links;
        var links = new SpanLink[placed.Links.Count];
        var at = 0;
        for (var i = 0; i < links.Length; i++)
        {
            while (!ReferenceEquals(outline.Links[at], placed.Links[i]))
                at = (at + 1) % outline.Links.Count;
            links[i] = span.Links[at];
        }

        return links;
    }

    private static SpanEvent[] Shift(IReadOnlyList<SpanEvent> events, long amount) =>
        [.. events.Select(e => e with { TimeNs = (ulong)Int128.Clamp((Int128)e.TimeNs + amount, 0, ulong.MaxValue) })];

    private static Span WithEventsInOrder(Span span)
    {
        for (var i = 1; i < span.Events.Count; i++)
        {
            if (span.Events[i].TimeNs < span.Events[i - 1].TimeNs)
                return span with { Events = [.. span.Events.OrderBy(e => e.TimeNs)] };
        }

        return span;
    }

    /// <summary>No links that point nowhere, and the link first that stands for the parent.</summary>
    private static Span WithTidyLinks(Span span)
    {
        if (span.Links.Count == 0)
            return span;
        if (span.Links.Any(IsEmpty))
            span = span with { Links = [.. span.Links.Where(link => !IsEmpty(link))] };
        if (span.ParentId.IsZero && span.Links.Count > 1 && SpanReferences.FollowedBy(span) is { IsZero: false } followed)
            span = span with { Links = [.. span.Links.OrderBy(link => link.SpanId != followed || link.TraceId.Low != span.TraceId.Low)] };
        return span;
    }

    private static bool IsEmpty(SpanLink link) => link.TraceId.IsZero && link.SpanId.IsZero;
}
