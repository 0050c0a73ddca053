namespace Serverless.Local.Kusto;

/// <summary>sort by.</summary>
internal sealed class SortNode(PlanNode input, IReadOnlyList<SortKey> keys) : PlanNode(input.Schema)
{
    public override bool IsSerialized => true;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var all = Collect(input, context, out var held);
        try
        {
            var rows = RowOrder.Sort(all, keys, context);
            for (var start = 0; start < rows.Length; start += Batch.PreferredRows)
            {
                context.Check();
                yield return all.Take(rows.AsSpan(start, Math.Min(Batch.PreferredRows, rows.Length - start)));
            }
        }
        finally
        {
            context.Release(held);
        }
    }

    protected override void RequireInputs(bool[] required)
    {
        var needed = (bool[])required.Clone();
        foreach (var key in keys)
            key.Key.Require(needed);
        input.Require(needed);
    }
}
