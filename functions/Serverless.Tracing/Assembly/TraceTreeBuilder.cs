using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>Finds each span's parent, cuts circles, and picks the root.</summary>
internal sealed class TraceTreeBuilder
{
    private readonly Span[] _spans;
    private readonly SpanIndex _index;
    private readonly int[] _parents;
    private readonly bool[] _follows;
    private readonly List<TreeFinding> _findings = [];

    private TraceTreeBuilder(Span[] spans)
    {
        _spans = spans;
        _index = new SpanIndex(spans);
        _parents = new int[spans.Length];
        _follows = new bool[spans.Length];
    }

    public static TraceTree Build(IReadOnlyList<Span> spans) => BuildOrdered(InOrder(spans));

    /// <summary>Builds the tree of spans that are in the order of <see cref="SpanOrder"/>, and stay so.</summary>
    public static TraceTree BuildOrdered(Span[] spans)
    {
        var builder = new TraceTreeBuilder(spans);
        for (var i = 0; i < builder._spans.Length; i++)
            builder._parents[i] = builder.ParentOf(i);
        builder.CutCycles();
        var root = builder.PickRoot();
        return new TraceTree(builder._spans, builder._parents, builder._index.IsServerHalf, builder.AsyncSpans(), root, builder._findings);
    }

    private static Span[] InOrder(IReadOnlyList<Span> spans)
    {
        Span[] ordered = [.. spans];
        for (var i = 1; i < ordered.Length; i++)
        {
            if (SpanOrder.Instance.Compare(ordered[i - 1], ordered[i]) > 0)
            {
                Array.Sort(ordered, SpanOrder.Instance);
                break;
            }
        }

        return ordered;
    }

    private int ParentOf(int i)
    {
        var span = _spans[i];
        if (_index.EarlierOfSameSide(i) >= 0)
            Add(TreeOddity.RepeatedId, i, span.Id);
        if (_index.IsServerHalf[i])
        {
            var client = _index.ClientOf(i);
            if (client >= 0)
                return Under(i, client);
            Add(TreeOddity.MissingClientHalf, i, span.Id);
        }

        var parent = span.ParentId;
        if (parent.IsZero && span.Links.Count > 0)
        {
            parent = SpanReferences.FollowedBy(span);
            _follows[i] = !parent.IsZero;
        }
        else if (span.Links.Count > 0)
        {
            _follows[i] = SpanReferences.FollowsParent(span, parent);
        }

        if (parent.IsZero)
        {
            if (span.Links.Count > 0 && SpanReferences.ParentElsewhere(span) is { IsZero: false } elsewhere)
                Add(TreeOddity.ParentInAnotherTrace, i, elsewhere);
            return -1;
        }

        if (parent == span.Id)
        {
            Add(TreeOddity.SelfParent, i, parent);
            return -1;
        }

        var found = _index.Find(span, parent);
        if (found >= 0)
            return Under(i, found);
        Add(_index.IsInAnotherTrace(parent) ? TreeOddity.ParentInAnotherTrace : TreeOddity.MissingParent, i, parent);
        return -1;
    }

    private int Under(int i, int parent)
    {
        if ((_spans[i].TraceId.High == 0) != (_spans[parent].TraceId.High == 0))
            Add(TreeOddity.OtherIdWidth, i, _spans[parent].Id);
        return parent;
    }

    // Every span has at most one parent, so a circle is met again on the walk up that finds it.
    private void CutCycles()
    {
        var seenInWalk = new int[_spans.Length];
        for (var i = 0; i < _spans.Length; i++)
        {
            var at = i;
            while (at >= 0 && seenInWalk[at] == 0)
            {
                seenInWalk[at] = i + 1;
                at = _parents[at];
            }

            if (at >= 0 && seenInWalk[at] == i + 1)
                CutAtEarliest(at);
        }
    }

    private void CutAtEarliest(int onCycle)
    {
        // A server half stays below its client half: that they belong together is sure.
        var earliest = -1;
        var at = onCycle;
        do
        {
            if (_spans[_parents[at]].Id != _spans[at].Id && (earliest < 0 || at < earliest))
                earliest = at;
            at = _parents[at];
        }
        while (at != onCycle);
        Add(TreeOddity.Cycle, earliest, _spans[_parents[earliest]].Id);
        _parents[earliest] = -1;
    }

    private int PickRoot()
    {
        int parentless = -1, ownParent = -1, half = -1;
        for (var i = 0; i < _spans.Length; i++)
        {
            if (_parents[i] >= 0)
                continue;
            if (_spans[i].ParentId == _spans[i].Id)
                ownParent = ownParent < 0 ? i : ownParent;
            else if (!_spans[i].ParentId.IsZero || _follows[i])
                continue;
            else if (_index.IsServerHalf[i])
                half = half < 0 ? i : half;
            else if (parentless < 0)
                parentless = i;
            else
                Add(TreeOddity.ExtraRoot, i, _spans[parentless].Id);
        }

        return parentless >= 0 ? parentless : ownParent >= 0 ? ownParent : half;
    }

    private bool[] AsyncSpans()
    {
        var isAsync = _follows;
        for (var i = 0; i < _spans.Length; i++)
        {
            if (_parents[i] < 0)
                isAsync[i] = false;
            else if (_spans[i].Kind == SpanKind.Consumer)
                isAsync[i] |= _spans[_parents[i]].Kind == SpanKind.Producer || _spans[_parents[i]].ServiceName != _spans[i].ServiceName;
        }

        return isAsync;
    }

    private void Add(TreeOddity oddity, int span, SpanId other) => _findings.Add(new TreeFinding(oddity, span, _spans[span], other));
}
