namespace Serverless.Local.Kusto;

/// <summary>top: the first rows in an order. It never holds many more rows than it gives.</summary>
internal sealed class TopNode(PlanNode input, long count, IReadOnlyList<SortKey> keys) : PlanNode(input.Schema)
{
    public override bool IsSerialized => true;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        if (count <= 0)
            yield break;
        var candidates = new List<Batch>();
        var (rows, held) = (0L, 0L);
        try
        {
            foreach (var batch in input.Execute(context))
            {
                candidates.Add(batch);
                var bytes = batch.EstimatedBytes;
                context.Hold(bytes);
                held += bytes;
                // Cut down once as many rows came again as are kept, so that each row is sorted a constant number of times.
                rows += batch.Count;
                if (rows < Math.Max(2 * Math.Min(count, int.MaxValue), 4 * Batch.PreferredRows))
                    continue;
                candidates = [Best(candidates, context)];
                rows = candidates[0].Count;
                context.Release(held);
                held = candidates[0].EstimatedBytes;
                context.Hold(held);
            }
            var result = Best(candidates, context);
            if (result.Count > 0)
                yield return result;
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

    private Batch Best(List<Batch> candidates, QueryContext context)
    {
        var all = Batch.Concat(Schema, candidates);
        var rows = RowOrder.Sort(all, keys, context);
        return all.Take(rows.AsSpan(0, (int)Math.Min(rows.Length, count)));
    }
}
