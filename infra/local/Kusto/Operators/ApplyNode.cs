namespace Serverless.Local.Kusto;

/// <summary>mv-apply: a subquery over the elements of each row; the row's own columns are repeated beside what it gives.</summary>
internal sealed class ApplyNode(PlanNode input, SourceNode row, SourceNode source, PlanNode expanded, PlanNode subquery, Schema schema, int[] kept) : PlanNode(schema)
{
    public override bool IsSerialized => input.IsSerialized;

    public override IReadOnlyList<PlanNode> Inputs => [input, expanded, subquery];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        foreach (var batch in input.Execute(context))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var one = batch.Slice(i, 1);
                context.Sources[row] = one;
                context.Sources[source] = Batch.Concat(expanded.Schema, expanded.Execute(context).ToList());
                foreach (var result in subquery.Execute(context))
                {
                    if (result.Count == 0)
                        continue;
                    context.CountRows(result.Count);
                    var repeated = new int[result.Count];
                    yield return new Batch([.. kept.Select(column => one.Columns[column].Take(repeated)), .. result.Columns], result.Count);
                }
            }
        }
    }
}
