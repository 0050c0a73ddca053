using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Takes from spans the references that would put them below themselves, or elsewhere than they are in the tree. Jaeger's page places a span
/// under the first span of the trace that any of its references names by its id, whatever the trace of the reference, and shows nothing of
/// what is in a circle. To find a span again it goes by its parent, so that the two must agree.
/// </summary>
internal sealed class LinkCycles
{
    private readonly Span[] _spans;
    private readonly Action<int, string> _warn;
    private readonly Dictionary<SpanId, int> _firstOfId;
    private readonly int[] _tops;

    private LinkCycles(Span[] spans, Action<int, string> warn)
    {
        _spans = spans;
        _warn = warn;
        _firstOfId = new Dictionary<SpanId, int>(spans.Length);
        _tops = new int[spans.Length];
        for (var i = 0; i < spans.Length; i++)
        {
            _firstOfId.TryAdd(spans[i].Id, i);
            _tops[i] = i;
        }
    }

    /// <summary>Takes those references away.</summary>
    /// <param name="tree">The trace.</param>
    /// <param name="spans">Its spans by their index in the tree, as they will be shown; changed ones are replaced.</param>
    /// <param name="warn">Takes what to tell about a span.</param>
    public static void Cut(TraceTree tree, Span[] spans, Action<int, string> warn)
    {
        // Else the page places every span where the tree has it.
        if (!HasLinkedRoot(tree, spans) && tree.Findings.All(finding => finding.Oddity is not (TreeOddity.RepeatedId or TreeOddity.Cycle)))
            return;
        var cycles = new LinkCycles(spans, warn);
        // Parents before links: what is left out is to be a link.
        foreach (var span in tree.Order)
            cycles.PutUnderParent(span);
        foreach (var span in tree.Order)
        {
            if (tree.ParentOf(span) >= 0)
                cycles.PutUnderLink(span);
        }

        foreach (var span in tree.Roots)
        {
            if (SpanReferences.NamesParent(tree[span]))
                cycles.KeepOnTop(span);
            else
                cycles.PutUnderLink(span);
        }
    }

    private static bool HasLinkedRoot(TraceTree tree, Span[] spans)
    {
        foreach (var root in tree.Roots)
        {
            if (spans[root].Links.Count > 0)
                return true;
        }

        return false;
    }

    private void PutUnderParent(int i)
    {
        var parent = _spans[i].ParentId;
        if (parent.IsZero || !_firstOfId.TryGetValue(parent, out var at) || TryPut(i, at))
            return;
        _warn(i, $"The span's parent {parent} is the span itself or below it.");
        _spans[i] = _spans[i] with { ParentId = default };
    }

    private void PutUnderLink(int i)
    {
        if (_tops[i] != i || _spans[i].Links.Count == 0)
            return;
        var links = _spans[i].Links.ToList();
        for (var at = 0; at < links.Count; at++)
        {
            var link = links[at];
            if (!_firstOfId.TryGetValue(link.SpanId, out var target))
                continue;
            var isOfTrace = link.TraceId.Low == _spans[i].TraceId.Low;
            links.RemoveAt(at--);
            if (isOfTrace && TryPut(i, target))
            {
                links.Insert(0, link);
                break;
            }

            _warn(i, isOfTrace
                ? $"The span's link to span {link.SpanId}, which is the span itself or below it, is left out: it cannot be shown."
                : NotParent(link));
        }

        _spans[i] = _spans[i] with { Links = links };
    }

    // Its own parent is missing or cut off, and no other span is it.
    private void KeepOnTop(int i)
    {
        if (_tops[i] != i)
            return;
        var kept = _spans[i].Links.Where(link => !_firstOfId.ContainsKey(link.SpanId)).ToList();
        if (kept.Count == _spans[i].Links.Count)
            return;
        foreach (var link in _spans[i].Links.Where(link => _firstOfId.ContainsKey(link.SpanId)))
            _warn(i, NotParent(link));
        _spans[i] = _spans[i] with { Links = kept };
    }

    private static string NotParent(SpanLink link) =>
        $"The span's link to span {link.SpanId} of trace {link.TraceId} is left out: the span would be shown below a span of that id, which is not its parent.";

    // A span that is not placed yet is the top of what is below it.
    private bool TryPut(int span, int under)
    {
        var top = TopOf(under);
        if (top == span)
            return false;
        _tops[span] = top;
        return true;
    }

    private int TopOf(int span)
    {
        while (_tops[span] != span)
            span = _tops[span] = _tops[_tops[span]];
        return span;
    }
}
