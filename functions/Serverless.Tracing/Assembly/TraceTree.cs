using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// The spans of a trace, each under the span that caused it. Spans are named by their index in <see cref="Spans"/>, which are in order of
/// start. Every span has exactly one place whatever the input; what is odd about it is among the <see cref="Findings"/>.
/// </summary>
public sealed class TraceTree
{
    private readonly Span[] _spans;
    private readonly int[] _parents;
    private readonly int[] _childOffsets;
    private readonly int[] _children;
    private readonly int[] _roots;
    private readonly int[] _order;
    private readonly bool[] _isServerHalf;
    private readonly bool[] _isAsync;

    internal TraceTree(Span[] spans, int[] parents, bool[] isServerHalf, bool[] isAsync, int root, List<TreeFinding> findings)
    {
        _spans = spans;
        _parents = parents;
        _isServerHalf = isServerHalf;
        _isAsync = isAsync;
        Root = root;
        Findings = findings;
        (_childOffsets, _children, _roots) = Arrange(parents);
        Top = root >= 0 ? root : _roots.Length > 0 ? _roots[0] : -1;
        _order = WalkDepthFirst();
    }

    /// <summary>How many spans there are.</summary>
    public int Count => _spans.Length;

    /// <summary>The spans by start, those without one last.</summary>
    public IReadOnlyList<Span> Spans => _spans;

    /// <summary>
    /// The span that the trace begins with: the earliest that names no parent, or itself; else the earliest server half whose client
    /// is missing; -1 where every span names a parent.
    /// </summary>
    public int Root { get; }

    /// <summary>The <see cref="Root"/>, or where there is none the earliest span without a parent in the trace; -1 only for no spans.</summary>
    public int Top { get; }

    /// <summary>All spans without a parent in the trace, by start.</summary>
    public ReadOnlySpan<int> Roots => _roots;

    /// <summary>Every span once, parents before their children, depth first, siblings by start.</summary>
    public ReadOnlySpan<int> Order => _order;

    /// <summary>What is odd, in no particular order.</summary>
    public IReadOnlyList<TreeFinding> Findings { get; }

    /// <summary>The span of an index.</summary>
    public Span this[int span] => _spans[span];

    /// <summary>Builds the tree of a trace in O(n log n), without recursion.</summary>
    /// <param name="spans">
    /// The spans of one trace as <see cref="SpanMerger.Merge"/> gives them. Trace ids may differ in width: only their low halves are compared.
    /// </param>
    public static TraceTree Build(IReadOnlyList<Span> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        return TraceTreeBuilder.Build(spans);
    }

    /// <summary>The span that this one is under, or -1.</summary>
    public int ParentOf(int span) => _parents[span];

    /// <summary>The spans under this one, by start.</summary>
    public ReadOnlySpan<int> ChildrenOf(int span) => _children.AsSpan(_childOffsets[span].._childOffsets[span + 1]);

    /// <summary>The span is the server's report of a call whose client reports, or should have reported, under the same id.</summary>
    public bool IsServerHalf(int span) => _isServerHalf[span];

    /// <summary>
    /// The parent does not wait for the span: it receives a message of a producer or of another service, or it references its parent as
    /// <c>FOLLOWS_FROM</c>.
    /// </summary>
    public bool IsAsync(int span) => _isAsync[span];

    // Children by counting: the spans are in order of start already.
    private static (int[] Offsets, int[] Children, int[] Roots) Arrange(int[] parents)
    {
        var offsets = new int[parents.Length + 1];
        var roots = 0;
        foreach (var parent in parents)
        {
            if (parent < 0)
                roots++;
            else
                offsets[parent + 1]++;
        }

        for (var i = 1; i < offsets.Length; i++)
            offsets[i] += offsets[i - 1];
        var children = new int[parents.Length - roots];
        var rootList = new int[roots];
        var next = offsets.AsSpan(..parents.Length).ToArray();
        roots = 0;
        for (var i = 0; i < parents.Length; i++)
        {
            if (parents[i] < 0)
                rootList[roots++] = i;
            else
                children[next[parents[i]]++] = i;
        }

        return (offsets, children, rootList);
    }

    private int[] WalkDepthFirst()
    {
        var order = new int[_spans.Length];
        var stack = new int[_spans.Length];
        var depth = 0;
        for (var i = _roots.Length - 1; i >= 0; i--)
            stack[depth++] = _roots[i];
        for (var at = 0; depth > 0; at++)
        {
            var span = stack[--depth];
            order[at] = span;
            for (var i = _childOffsets[span + 1] - 1; i >= _childOffsets[span]; i--)
                stack[depth++] = _children[i];
        }

        return order;
    }
}
