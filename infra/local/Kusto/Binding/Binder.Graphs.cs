namespace Serverless.Local.Kusto;

/// <summary>Graphs.</summary>
internal sealed partial class Binder
{
    /// <summary>The graph that an expression makes; null where it makes none.</summary>
    private GraphPlan? TryGraph(ExpressionSyntax syntax)
    {
        if (syntax is NameSyntax name)
            return _scope.TryGet(name.Name, out var entry) && entry is GraphEntry known ? known.Graph : null;
        if (syntax is not PipelineSyntax { Operators: [.., MakeGraphSyntax or GraphComponentsSyntax] } pipeline)
            return null;
        var made = pipeline.Operators.ToList().FindIndex(one => one is MakeGraphSyntax);
        GraphPlan graph;
        if (made >= 0)
        {
            var edges = OutsideRows(() => Tabular(pipeline.Source));
            graph = Graph(Operators(edges, pipeline.Operators.Take(made).ToList()), (MakeGraphSyntax)pipeline.Operators[made]);
        }
        else
        {
            graph = TryGraph(pipeline.Source) ?? throw Error(pipeline.At, "SEM0101", "A graph is expected here: use make-graph");
        }
        foreach (var component in pipeline.Operators.Skip(made + 1))
            graph = Components(graph, component);
        return graph;
    }

    private GraphPlan Components(GraphPlan graph, OperatorSyntax syntax)
    {
        if (syntax is not GraphComponentsSyntax components)
            throw Error(syntax.At, "SEM0101", "Only graph operators can be used on a graph");
        if (components.Kind != "weak")
            throw Error(syntax.At, "SEM0058", $"graph-mark-components is there for kind=weak only, not for '{components.Kind}'");
        return graph with { NodeSchema = graph.NodeSchema.With(new ColumnSchema(components.Name, KustoType.Long)), WithComponents = true };
    }

    private GraphPlan Graph(PlanNode edges, MakeGraphSyntax make)
    {
        var source = Ordinal(edges.Schema, new NameSyntax(make.At, make.Source));
        var target = Ordinal(edges.Schema, new NameSyntax(make.At, make.Target));
        var type = edges.Schema[source].Type;
        if (edges.Schema[target].Type != type || type == KustoType.Dynamic)
            throw Error(make.At, "SEM0064", "The source and the target of a graph's edges must be of one type, which is not dynamic");
        var tables = new List<(PlanNode, int)>();
        var schema = new List<ColumnSchema>();
        foreach (var (syntax, column) in make.Nodes)
        {
            var table = OutsideRows(() => Tabular(syntax));
            var id = Ordinal(table.Schema, new NameSyntax(syntax.At, column));
            if (table.Schema[id].Type != type)
                throw Error(syntax.At, "SEM0064", $"The id of the nodes is of type {table.Schema[id].Type.Name()}, that of the edges of type {type.Name()}");
            tables.Add((table, id));
            schema.AddRange(table.Schema.Columns.Where(one => !schema.Any(known => known.Name == one.Name)));
        }
        if (tables.Count == 0)
            schema.Add(new ColumnSchema(make.NodeIdName ?? "_node_id", type));
        var nodeId = tables.Count == 0 ? 0 : schema.FindIndex(column => column.Name == make.Nodes[0].Column);
        return new GraphPlan(edges, source, target, tables, new Schema(schema), nodeId, false);
    }

    private PlanNode GraphPipeline(GraphPlan graph, IReadOnlyList<OperatorSyntax> operators, int at)
    {
        for (; at < operators.Count; at++)
        {
            CountNode(operators[at].At);
            switch (operators[at])
            {
                case GraphMatchSyntax match:
                    return Operators(Match(graph, match), operators.Skip(at + 1).ToList());
                case GraphToTableSyntax table:
                    var node = new GraphTableNode(graph, table.Nodes ? graph.NodeSchema : graph.Edges.Schema, table.Nodes);
                    return Operators(node, operators.Skip(at + 1).ToList());
                default:
                    graph = Components(graph, operators[at]);
                    break;
            }
        }
        throw Error(operators[^1].At, "SEM0101", "A graph is no result: use graph-match, graph-shortest-paths or graph-to-table");
    }

    private ProjectNode Match(GraphPlan graph, GraphMatchSyntax match)
    {
        if (match.Option is not ("" or "all" or "none" or "unique_edges" or "any"))
            throw Error(match.At, "SEM0058", $"'{match.Option}' is no option of this operator");
        var nodeNames = new List<string>();
        var steps = new List<GraphStep>();
        foreach (var path in match.Paths)
        {
            var nodes = path.Nodes.Select(node =>
            {
                var name = node.Name ?? $"${nodeNames.Count}";
                if (!nodeNames.Contains(name))
                    nodeNames.Add(name);
                return nodeNames.IndexOf(name);
            }).ToList();
            for (var i = 0; i < path.Edges.Count; i++)
                steps.Add(new GraphStep(nodes[i], nodes[i + 1], steps.Count, path.Edges[i]));
        }
        var schema = new List<ColumnSchema>();
        foreach (var name in nodeNames)
            schema.AddRange(graph.NodeSchema.Columns.Select(column => column with { Name = $"{name}.{column.Name}" }));
        foreach (var step in steps)
            schema.AddRange(graph.Edges.Schema.Columns.Select(column => column with { Name = $"{step.Syntax.Name ?? $"${step.Edge}"}.{column.Name}" }));
        var paths = new List<PathExpression>();
        var width = schema.Count;
        var rows = new RowScope(new Schema(schema)) { Calls = call => PathCall(call, graph, steps, paths, width) };
        foreach (var name in nodeNames.Concat(steps.Where(step => step.Syntax is { Name: not null, IsVariable: false }).Select(step => step.Syntax.Name!)))
            rows.Structs[name] = member => schema.FindIndex(column => column.Name == $"{name}.{member}") is var at && at >= 0 ? new ColumnExpression(at, member, schema[at].Type) : null;
        var condition = match.Condition is null ? null : WithRows(rows, () => Condition(match.Condition));
        var columns = new List<BoundExpression>();
        var output = new List<ColumnSchema>();
        foreach (var item in match.Columns)
        {
            var value = WithRows(rows, () => Scalar(item.Value));
            output.Add(new ColumnSchema(Unique(item.Names.Count > 0 ? item.Names[0] : NameOf(item.Value) ?? $"Column{output.Count + 1}", output), value.Type));
            columns.Add(value);
        }
        schema.AddRange(paths.Select((path, i) => new ColumnSchema($"${i} path", path.Type)));
        var cycles = match.ShortestPaths || match.Option.Length == 0 ? "unique_edges" : match.Option;
        var node = new GraphMatchNode(graph, new Schema(schema), nodeNames.Count, steps, cycles, match.ShortestPaths, match.Option == "all", paths, condition);
        return new ProjectNode(node, new Schema(output), columns);
    }

    /// <summary>map(path, x), any(path, x) and all(path, x), where path is an edge of several steps, or inner_nodes() of one.</summary>
    private ColumnExpression? PathCall(CallSyntax call, GraphPlan graph, List<GraphStep> steps, List<PathExpression> paths, int width)
    {
        if (call.Name is not ("map" or "any" or "all") || call.Arguments.Count != 2)
            return null;
        var target = call.Arguments[0].Value;
        var inner = target is CallSyntax { Name: "inner_nodes", Arguments.Count: 1 };
        if (target is CallSyntax nodes && inner)
            target = nodes.Arguments[0].Value;
        var step = target is NameSyntax name ? steps.FirstOrDefault(one => one.Syntax.Name == name.Name) : null;
        if (step is null)
            throw Error(call.At, "SEM0100", $"{call.Name}() goes over an edge of the pattern, or the inner_nodes() of one");
        var schema = inner ? graph.NodeSchema : graph.Edges.Schema;
        var value = WithRows(new RowScope(schema), () => call.Name == "map" ? Scalar(call.Arguments[1].Value) : Condition(call.Arguments[1].Value));
        paths.Add(new PathExpression(call.Name, step.Edge, inner, value));
        return new ColumnExpression(width + paths.Count - 1, call.Name, paths[^1].Type);
    }
}
