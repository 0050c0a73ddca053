namespace Serverless.Local.Kusto;

/// <summary>make-graph: how to make a graph, and the columns of its nodes and edges.</summary>
internal sealed record GraphPlan(
    PlanNode Edges, int Source, int Target, IReadOnlyList<(PlanNode Table, int Id)> NodeTables, Schema NodeSchema, int NodeId, bool WithComponents)
{
    public Graph Build(QueryContext context)
    {
        var edges = All(Edges, context);
        var ids = new GroupTable([Edges.Schema[Source].Type]);
        // The components, if any, are added last.
        var builders = NodeSchema.Columns.SkipLast(WithComponents ? 1 : 0).Select(column => ColumnBuilder.Create(column.Type)).ToArray();
        var count = 0;
        foreach (var (table, id) in NodeTables)
        {
            var rows = All(table, context);
            var assigned = ids.Assign([rows.Columns[id]], rows.Count);
            for (var row = 0; row < rows.Count; row++)
            {
                // The first row of an id is its node.
                if (assigned[row] != count)
                    continue;
                count++;
                for (var k = 0; k < builders.Length; k++)
                {
                    var ordinal = k == NodeId ? id : table.Schema.Find(NodeSchema[k].Name);
                    builders[k].Append(ordinal >= 0 && table.Schema[ordinal].Type == NodeSchema[k].Type ? rows.Columns[ordinal][row] : Value.Null);
                }
            }
        }
        // Source and target row by row, so that nodes come in the order in which edges name them.
        var ends = new ColumnBuilder[] { ColumnBuilder.Create(Edges.Schema[Source].Type, edges.Count * 2) };
        for (var row = 0; row < edges.Count; row++)
        {
            ends[0].Append(edges.Columns[Source][row]);
            ends[0].Append(edges.Columns[Target][row]);
        }
        var both = ids.Assign([ends[0].Build()], edges.Count * 2);
        var keys = ids.Keys()[0];
        for (; count < ids.Count; count++)
        {
            for (var k = 0; k < builders.Length; k++)
                builders[k].Append(k == NodeId ? keys[count] : Value.Null);
        }
        var (sources, targets) = (new int[edges.Count], new int[edges.Count]);
        for (var row = 0; row < edges.Count; row++)
            (sources[row], targets[row]) = (both[row * 2], both[(row * 2) + 1]);
        var graph = new Graph(new Batch(builders.Select(builder => builder.Build()).ToArray(), count), edges, sources, targets);
        return WithComponents ? graph with { Nodes = graph.Nodes.With(graph.Components()) } : graph;
    }

    private static Batch All(PlanNode node, QueryContext context)
    {
        node.RequireAll();
        var batches = node.Execute(context).ToList();
        // Graphs are kept to the end of the query.
        context.Hold(batches.Sum(batch => batch.EstimatedBytes));
        return Batch.Concat(node.Schema, batches);
    }
}
