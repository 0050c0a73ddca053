namespace Serverless.Local.Kusto;

/// <summary>rows_near: rows for which a condition holds, and those around them.</summary>
internal sealed class RowsNearNode(PlanNode input, BoundExpression condition, long before, long after) : PlanNode(input.Schema)
{
    public override bool IsSerialized => true;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var all = Collect(input, context, out var held);
        context.Release(held);
        var truth = condition.Evaluate(all, context);
        var kept = new SortedSet<int>();
        for (var i = 0; i < all.Count; i++)
        {
            if (truth.IsNull(i) || !truth[i].AsBool)
                continue;
            for (var k = (int)Math.Max(0, i - before); k <= Math.Min(all.Count - 1, i + after); k++)
                kept.Add(k);
        }
        if (kept.Count > 0)
            yield return all.Take(kept.ToArray());
    }
}
