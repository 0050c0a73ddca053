using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Aggregation;

/// <summary>
/// The ways that calls take through services, from the spans that a trace begins with to those that nothing is below. As in Jaeger's page a span
/// is a step where its service is another than that of the step before, or where it is a server's.
/// </summary>
public sealed class CallPaths
{
    /// <summary>The most traces named for a path.</summary>
    public const int MaxExamples = 5;

    /// <summary>A longer path ends there.</summary>
    public const int MaxSteps = 100;

    // Further paths are not looked at: nobody can look at so many.
    private const int MaxNodes = 20_000;

    private readonly List<Node> _nodes = [];
    private readonly Dictionary<(int Above, string Service, string Operation), int> _numbers = [];

    /// <summary>Adds the paths of a trace.</summary>
    public void Add(AssembledTrace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var tree = trace.Tree;
        var nodes = new int[tree.Count];
        foreach (var i in tree.Order)
        {
            var above = tree.ParentOf(i) is >= 0 and var parent ? nodes[parent] : -1;
            var span = tree[i];
            var isStep = above < 0 || span.Kind == SpanKind.Server || _nodes[above].Step.Service != span.ServiceName;
            nodes[i] = isStep ? NodeOf(above, span) : above;
            if (tree.ChildrenOf(i).IsEmpty && nodes[i] >= 0)
                AddExample(_nodes[nodes[i]], trace.Summary.TraceId);
        }
    }

    /// <summary>The paths that lead through a service, and where one is given through an operation of it.</summary>
    /// <param name="service">The service.</param>
    /// <param name="operation">The operation, or null for all.</param>
    /// <param name="maximum">At most that many paths.</param>
    public IReadOnlyList<CallPath> Through(string service, string? operation, int maximum)
    {
        var paths = new List<CallPath>();
        foreach (var end in _nodes.Where(node => node.Examples.Count > 0))
        {
            if (paths.Count == maximum)
                break;
            var steps = StepsTo(end);
            if (steps.Exists(step => step.Service == service && (operation is null || step.Operation == operation)))
                paths.Add(new CallPath(steps, end.Examples));
        }

        return paths;
    }

    private int NodeOf(int above, Span span)
    {
        if (_numbers.TryGetValue((above, span.ServiceName, span.Name), out var number))
            return number;
        var depth = above < 0 ? 0 : _nodes[above].Depth + 1;
        if (_nodes.Count == MaxNodes || depth == MaxSteps)
            return above;
        _nodes.Add(new Node(above, depth, new CallPathStep(span.ServiceName, span.Name)));
        return _numbers[(above, span.ServiceName, span.Name)] = _nodes.Count - 1;
    }

    private List<CallPathStep> StepsTo(Node end)
    {
        var steps = new List<CallPathStep>(end.Depth + 1) { end.Step };
        for (var above = end.Above; above >= 0; above = _nodes[above].Above)
            steps.Add(_nodes[above].Step);
        steps.Reverse();
        return steps;
    }

    private static void AddExample(Node node, TraceId trace)
    {
        if (node.Examples.Count < MaxExamples && !node.Examples.Contains(trace))
            node.Examples.Add(trace);
    }

    private sealed record Node(int Above, int Depth, CallPathStep Step)
    {
        public List<TraceId> Examples { get; } = [];
    }
}
