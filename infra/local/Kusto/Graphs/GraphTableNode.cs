namespace Serverless.Local.Kusto;

/// <summary>graph-to-table: the nodes or the edges as rows.</summary>
internal sealed class GraphTableNode(GraphPlan plan, Schema schema, bool nodes) : PlanNode(schema)
{
    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var graph = plan.Build(context);
        return Pieces(nodes ? graph.Nodes : graph.Edges, context);
    }
}
