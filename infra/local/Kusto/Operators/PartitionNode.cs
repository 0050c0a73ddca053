namespace Serverless.Local.Kusto;

/// <summary>partition: a subquery over the rows of each key.</summary>
internal sealed class PartitionNode(PlanNode input, BoundExpression key, SourceNode source, PlanNode subquery) : PlanNode(subquery.Schema)
{
    public override IReadOnlyList<PlanNode> Inputs => [input, subquery];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var all = Collect(input, context, out var held);
        try
        {
            var groups = new GroupTable([key.Type]);
            var assigned = groups.Assign([key.Evaluate(all, context)], all.Count).AsSpan(0, all.Count).ToArray();
            var rows = new List<int>[groups.Count];
            for (var i = 0; i < all.Count; i++)
                (rows[assigned[i]] ??= []).Add(i);
            foreach (var part in rows)
            {
                context.Sources[source] = all.Take(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(part));
                foreach (var batch in subquery.Execute(context))
                    yield return batch;
            }
        }
        finally
        {
            context.Release(held);
        }
    }
}
