namespace Serverless.Local.Kusto;

/// <summary>take: the first rows that come.</summary>
internal sealed class TakeNode(PlanNode input, long count) : PlanNode(input.Schema)
{
    public override bool IsSerialized => input.IsSerialized;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var left = count;
        if (left <= 0)
            yield break;
        foreach (var batch in input.Execute(context))
        {
            if (batch.Count >= left)
            {
                yield return batch.Slice(0, (int)left);
                yield break;
            }
            left -= batch.Count;
            yield return batch;
        }
    }

    protected override void RequireInputs(bool[] required) => input.Require(required);
}
