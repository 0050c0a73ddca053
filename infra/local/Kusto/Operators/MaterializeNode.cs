namespace Serverless.Local.Kusto;

/// <summary>materialize(): run once, read often.</summary>
internal sealed class MaterializeNode(PlanNode input) : PlanNode(input.Schema)
{
    public override bool IsSerialized => input.IsSerialized;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        if (!context.Materialized.TryGetValue(this, out var batches))
        {
            var made = new List<Batch>();
            foreach (var batch in input.Execute(context))
            {
                // Held to the end of the query.
                context.Hold(batch.EstimatedBytes);
                made.Add(batch);
            }
            batches = made;
            context.Materialized[this] = batches;
        }
        return batches;
    }
}
