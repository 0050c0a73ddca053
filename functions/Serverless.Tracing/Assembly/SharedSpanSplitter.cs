using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Gives the server halves of shared spans ids of their own. In Zipkin's model client and server of a call report under one id; readers
/// such as Jaeger's page need an id to be one span's (Jaeger's span id uniquifier does the same). The server half becomes the client
/// half's child, and each child of the shared id is told the half that it hangs under in the <see cref="TraceTree"/>, whose rules these are.
/// </summary>
public static class SharedSpanSplitter
{
    /// <summary>The trace with ids that are unique as far as shared spans go: the same list where none is shared.</summary>
    /// <param name="trace">The spans of one trace as <see cref="SpanMerger.Merge"/> gives them.</param>
    /// <returns>The spans in the same order; those that changed are copies. The same trace always gives the same ids.</returns>
    public static IReadOnlyList<Span> Split(IReadOnlyList<Span> trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        return HasServer(trace) ? Split(TraceTree.Build(trace), trace) : trace;
    }

    /// <summary>The same for a trace whose tree is known, in the order of its spans.</summary>
    internal static IReadOnlyList<Span> Split(TraceTree tree) => HasServer(tree.Spans) ? Split(tree, tree.Spans) : tree.Spans;

    // Most traces share no id, and need no tree to know it.
    private static bool HasServer(IReadOnlyList<Span> trace)
    {
        for (var i = 0; i < trace.Count; i++)
        {
            if (trace[i].IsShared || trace[i].Kind == SpanKind.Server)
                return true;
        }

        return false;
    }

    private static IReadOnlyList<Span> Split(TraceTree tree, IReadOnlyList<Span> trace)
    {
        var ids = NewIds(tree);
        if (ids.Count == 0)
            return trace;
        var placed = new Dictionary<Span, Span>();
        for (var i = 0; i < tree.Count; i++)
        {
            var span = tree[i];
            var parent = tree.ParentOf(i);
            if (ids.TryGetValue(i, out var id))
                placed[span] = span with { Id = id, ParentId = span.Id, Marks = span.Marks & ~SpanMarks.Shared };
            else if (ids.TryGetValue(parent, out var half))
                placed[span] = Under(span, tree[parent].Id, half);
        }

        var split = new Span[trace.Count];
        for (var i = 0; i < split.Length; i++)
            split[i] = placed.GetValueOrDefault(trace[i], trace[i]);
        return split;
    }

    // A reference names the parent where the span does not, or says what kind of parent it is.
    private static Span Under(Span span, SpanId shared, SpanId half)
    {
        var parent = span.ParentId == shared ? half : span.ParentId;
        if (!span.Links.Any(IsToParent))
            return parent == span.ParentId ? span : span with { ParentId = parent };
        return span with { ParentId = parent, Links = [.. span.Links.Select(link => IsToParent(link) ? link with { SpanId = half } : link)] };

        bool IsToParent(SpanLink link) => link.SpanId == shared && link.TraceId.Low == span.TraceId.Low;
    }

    /// <summary>The new ids of the halves whose other half is in the trace; a load balancer or a retry can bring one call to several servers.</summary>
    private static Dictionary<int, SpanId> NewIds(TraceTree tree)
    {
        var ids = new Dictionary<int, SpanId>();
        HashSet<SpanId>? used = null;
        for (var i = 0; i < tree.Count; i++)
        {
            if (!tree.IsServerHalf(i) || tree.ParentOf(i) < 0 || tree[tree.ParentOf(i)].Id != tree[i].Id)
                continue;
            used ??= [.. tree.Spans.Select(other => other.Id), .. tree.Spans.Select(other => other.ParentId)];
            ids.Add(i, NewId(tree[i], used));
        }

        return ids;
    }

    /// <summary>An id that no span of the trace has or names; it counts as used from then on.</summary>
    internal static SpanId NewId(Span span, HashSet<SpanId> used)
    {
        var seed = span.Id.Value;
        foreach (var c in span.ServiceName)
            seed = (seed ^ c) * 0x100000001B3; // FNV-1a's prime
        while (true)
        {
            var id = new SpanId(Mix(++seed));
            if (!id.IsZero && used.Add(id))
                return id;
        }
    }

    // SplitMix64's finalizer: ids that look like other ids.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
