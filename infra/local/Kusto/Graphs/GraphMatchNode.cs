namespace Serverless.Local.Kusto;

/// <summary>graph-match and graph-shortest-paths: a row for each match, with the columns of its nodes and edges, and what was made of its paths.</summary>
internal sealed class GraphMatchNode(
    GraphPlan plan, Schema schema, int nodeCount, IReadOnlyList<GraphStep> steps, string cycles, bool shortest, bool allShortest,
    IReadOnlyList<PathExpression> paths, BoundExpression? condition) : PlanNode(schema)
{
    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var graph = plan.Build(context);
        var matches = new GraphSearch(graph, nodeCount, steps, cycles, context).Run();
        var values = paths.Select(path => path.Value.Evaluate(path.InnerNodes ? graph.Nodes : graph.Edges, context)).ToArray();
        var kept = new List<GraphMatch>();
        for (var start = 0; start < matches.Count; start += Batch.PreferredRows)
        {
            var part = matches.GetRange(start, Math.Min(Batch.PreferredRows, matches.Count - start));
            var truth = condition?.Evaluate(Rows(graph, part, values), context);
            for (var i = 0; i < part.Count; i++)
            {
                if (truth is null || truth[i] is { Kind: ValueKind.Bool, AsBool: true })
                    kept.Add(part[i]);
            }
        }
        if (shortest)
            kept = Shortest(kept);
        for (var start = 0; start < kept.Count; start += Batch.PreferredRows)
        {
            context.Check();
            yield return Rows(graph, kept.GetRange(start, Math.Min(Batch.PreferredRows, kept.Count - start)), values);
        }
    }

    /// <summary>Of the paths between the same two nodes the shortest: one, or all of that length.</summary>
    private List<GraphMatch> Shortest(List<GraphMatch> matches)
    {
        var kept = new List<GraphMatch>();
        foreach (var pair in matches.GroupBy(match => (match.Nodes[0], match.Nodes[^1])))
        {
            var length = pair.Min(match => match.Edges.Sum(path => path.Count));
            var best = pair.Where(match => match.Edges.Sum(path => path.Count) == length);
            kept.AddRange(allShortest ? best : best.Take(1));
        }
        return kept;
    }

    private Batch Rows(Graph graph, List<GraphMatch> matches, Column[] values)
    {
        var columns = new List<Column>();
        for (var variable = 0; variable < nodeCount; variable++)
            columns.AddRange(graph.Nodes.Take(matches.Select(match => match.Nodes[variable]).ToArray()).Columns);
        foreach (var step in steps)
        {
            // Of a path of several edges, these are the first's: only map, any and all speak of it.
            columns.AddRange(graph.Edges.Take(matches.Select(match => match.Edges[step.Edge].Count > 0 ? match.Edges[step.Edge][0] : -1).ToArray()).Columns);
        }
        for (var i = 0; i < paths.Count; i++)
        {
            var path = paths[i];
            var builder = ColumnBuilder.Create(path.Type, matches.Count);
            foreach (var match in matches)
                builder.Append(path.Of(path.InnerNodes ? match.InnerNodes[path.Edge] : match.Edges[path.Edge], values[i]));
            columns.Add(builder.Build());
        }
        return new Batch([.. columns], matches.Count);
    }
}
