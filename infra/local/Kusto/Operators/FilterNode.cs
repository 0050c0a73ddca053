namespace Serverless.Local.Kusto;

/// <summary>where: the rows for which the condition is true.</summary>
internal sealed class FilterNode(PlanNode input, BoundExpression condition) : PlanNode(input.Schema)
{
    public override bool IsSerialized => input.IsSerialized;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        if (condition.IsWindow)
        {
            var all = Collect(input, context, out var held);
            context.Release(held);
            if (Filter(all, context) is { Count: > 0 } kept)
                yield return kept;
            yield break;
        }
        foreach (var batch in input.Execute(context))
        {
            context.Check();
            if (Filter(batch, context) is { Count: > 0 } kept)
                yield return kept;
        }
    }

    protected override void RequireInputs(bool[] required)
    {
        var needed = (bool[])required.Clone();
        condition.Require(needed);
        input.Require(needed);
    }

    private Batch Filter(Batch batch, QueryContext context)
    {
        var truth = (VectorColumn<bool>)condition.Evaluate(batch, context);
        var rows = new int[batch.Count];
        var count = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            if (truth.At(i) && !truth.NullAt(i))
                rows[count++] = i;
        }
        return count == batch.Count ? batch : batch.Take(rows.AsSpan(0, count));
    }
}
