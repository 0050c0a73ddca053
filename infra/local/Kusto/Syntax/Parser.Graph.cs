namespace Serverless.Local.Kusto;

/// <summary>The graph operators.</summary>
internal sealed partial class Parser
{
    /// <summary>The longest path that a pattern may ask for.</summary>
    private const int MaxPathLength = 100;

    private MakeGraphSyntax MakeGraph(int at)
    {
        Hints();
        var source = Name("the column of the source");
        Expect("-");
        Expect("-");
        Expect(">");
        var target = Name("the column of the target");
        var nodes = new List<(ExpressionSyntax, string)>();
        string? id = null;
        if (Is("with_node_id"))
            id = NodeId();
        else if (Take("with"))
        {
            nodes = List(() =>
            {
                var table = Postfix();
                Expect("on");
                return (table, Name("the column of the node's id"));
            });
        }
        return new MakeGraphSyntax(at, source, target, nodes, id);
    }

    private string NodeId()
    {
        _at++;
        Expect("=");
        return Name("a name for the nodes' id");
    }

    private GraphMatchSyntax GraphMatch(int at, bool shortest)
    {
        var hints = Hints();
        var option = hints.GetValueOrDefault("cycles") ?? hints.GetValueOrDefault("output") ?? "";
        var paths = List(Path);
        var condition = Take("where") ? Expression() : null;
        Expect("project");
        return new GraphMatchSyntax(at, shortest, option, paths, condition, List(NamedExpression));
    }

    private GraphPathSyntax Path()
    {
        var nodes = new List<GraphNodeSyntax> { Node() };
        var edges = new List<GraphEdgeSyntax>();
        while (Is("-") || Is("<"))
        {
            edges.Add(Edge());
            nodes.Add(Node());
        }
        return new GraphPathSyntax(nodes, edges);
    }

    private GraphNodeSyntax Node()
    {
        Expect("(");
        var name = Is(")") ? null : Name("a node's name");
        Expect(")");
        return new GraphNodeSyntax(name);
    }

    private GraphEdgeSyntax Edge()
    {
        var left = Take("<");
        Expect("-");
        string? name = null;
        var (min, max, variable) = (1, 1, false);
        if (Take("["))
        {
            if (IsName)
                name = Next().Text;
            if (Take("*"))
            {
                variable = true;
                min = Length();
                Expect("..");
                max = Length();
                if (max < min)
                    throw Expected("a longest length that is not below the shortest");
            }
            Expect("]");
        }
        Expect("-");
        var right = Take(">");
        if (left && right)
            throw Expected("an edge with one direction");
        return new GraphEdgeSyntax(name, right || !left, left || !right, min, max, variable);
    }

    private int Length()
    {
        var literal = Literal();
        if (literal.Type != KustoType.Long || literal.Value.AsLong is < 0 or > MaxPathLength)
            throw Error(literal.At, $"A path's length is between 0 and {MaxPathLength}");
        return (int)literal.Value.AsLong;
    }

    private GraphComponentsSyntax GraphComponents(int at)
    {
        var hints = Hints();
        return new GraphComponentsSyntax(at, hints.GetValueOrDefault("kind", "weak"), hints.GetValueOrDefault("with_component_id", "ComponentId"));
    }

    private GraphToTableSyntax GraphToTable(int at)
    {
        var nodes = Take("nodes");
        if (!nodes)
            Expect("edges");
        string? id = null;
        if (Is("with_node_id"))
            id = NodeId();
        return new GraphToTableSyntax(at, nodes, id);
    }
}
