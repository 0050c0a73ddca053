using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Takes from spans without a parent the links that would put them below themselves. Jaeger's page places such a span under the first
/// span of the trace that any of its references names, and shows nothing of what is in a circle.
/// </summary>
internal sealed class LinkCycles
{
    private readonly Span[] _spans;
    private readonly Dictionary<SpanId, int> _firstOfId;
    private readonly int[] _tops;

    private LinkCycles(TraceTree tree, Span[] spans)
    {
        _spans = spans;
        _firstOfId = new Dictionary<SpanId, int>(spans.Length);
        _tops = new int[spans.Length];
        foreach (var i in tree.Order)
            _tops[i] = tree.ParentOf(i) < 0 ? i : _tops[tree.ParentOf(i)];
        for (var i = 0; i < spans.Length; i++)
            _firstOfId.TryAdd(spans[i].Id, i);
    }

    /// <summary>Takes those links away.</summary>
    /// <param name="tree">The trace.</param>
    /// <param name="spans">Its spans by their index in the tree, as they will be shown; changed ones are replaced.</param>
    /// <param name="warn">Takes what to tell about a span.</param>
    public static void Cut(TraceTree tree, Span[] spans, Action<int, string> warn)
    {
        LinkCycles? cycles = null;
        foreach (var root in tree.Roots)
        {
            if (spans[root].Links.Count > 0)
                (cycles ??= new LinkCycles(tree, spans)).Cut(root, warn);
        }
    }

    private void Cut(int root, Action<int, string> warn)
    {
        var span = _spans[root];
        for (var i = 0; i < span.Links.Count; i++)
        {
            var link = span.Links[i];
            // The page does not look at the reference's trace.
            if (!_firstOfId.TryGetValue(link.SpanId, out var target))
                continue;
            if (TopOf(target) != root)
            {
                // Here it will be shown; the links behind do not move it any more.
                _tops[root] = TopOf(target);
                return;
            }

            warn(root, $"The span's link to span {link.SpanId}, which is the span itself or below it, is left out: it cannot be shown.");
            var kept = span.Links.ToList();
            kept.RemoveAt(i--);
            _spans[root] = span = span with { Links = kept };
        }
    }

    private int TopOf(int span)
    {
        var top = _tops[span];
        while (_tops[top] != top)
            top = _tops[top] = _tops[_tops[top]];
        return _tops[span] = top;
    }
}
