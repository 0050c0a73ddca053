namespace Serverless.Local.Kusto;

/// <summary>What a subquery (of mv-apply or partition) reads: rows that the step above sets.</summary>
internal sealed class SourceNode(Schema schema) : PlanNode(schema)
{
    public override bool IsSerialized => true;

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        context.Check();
        var batch = context.Sources[this];
        if (batch.Count > 0)
            yield return batch;
    }
}
