using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// A trace's calls. As in Zipkin's <c>SpanNode</c> a span whose parent is missing counts as caused by the trace's root.
/// </summary>
internal sealed class CallTree
{
    private readonly int[] _remoteAncestors;
    private readonly bool[] _hasCallBelow;
    private readonly bool[] _hasChild;

    public CallTree(TraceTree tree)
    {
        Tree = tree;
        _remoteAncestors = new int[tree.Count];
        _hasCallBelow = new bool[tree.Count];
        _hasChild = new bool[tree.Count];
        var root = RootOfCalls(tree);
        // The root is known before what it adopts: its own ancestor is none, whatever its place in the order.
        foreach (var i in tree.Order)
        {
            var parent = ParentOf(i, root);
            _remoteAncestors[i] = parent < 0 ? -1 : IsRemote(tree[parent]) || parent == root ? RemoteOrNone(parent) : _remoteAncestors[parent];
        }

        for (var at = tree.Order.Length - 1; at >= 0; at--)
        {
            var i = tree.Order[at];
            var parent = ParentOf(i, root);
            if (parent < 0)
                continue;
            _hasChild[parent] = true;
            _hasCallBelow[parent] |= _hasCallBelow[i] || IsRemote(tree[i]) || tree[i].ServiceName != tree[parent].ServiceName;
        }
    }

    public TraceTree Tree { get; }

    /// <summary>The nearest span above that is one side of a call, or -1.</summary>
    public int RemoteAncestorOf(int span) => _remoteAncestors[span];

    /// <summary>Any span is under it.</summary>
    public bool HasChild(int span) => _hasChild[span];

    /// <summary>A side of a call, or a span of another service, is somewhere below it.</summary>
    public bool HasCallBelow(int span) => _hasCallBelow[span];

    // To Zipkin the root is the first span by id that names no parent, whenever it began, and the others that name none are below it.
    private static int RootOfCalls(TraceTree tree)
    {
        var root = tree.Root >= 0 && !tree.IsServerHalf(tree.Root) ? tree.Root : -1;
        if (root < 0 || tree[root].Protocol != SpanProtocol.Zipkin)
            return root;
        foreach (var other in tree.Roots)
        {
            var span = tree[other];
            if (span.Protocol == SpanProtocol.Zipkin && span.ParentId.IsZero && !tree.IsServerHalf(other) && span.Id.Value < tree[root].Id.Value)
                root = other;
        }

        return root;
    }

    private int ParentOf(int span, int root)
    {
        var parent = Tree.ParentOf(span);
        return parent < 0 && span != root ? root : parent;
    }

    private int RemoteOrNone(int span) => IsRemote(Tree[span]) ? span : -1;

    private static bool IsRemote(Span span) => span.Kind is not (SpanKind.Unspecified or SpanKind.Internal);
}
