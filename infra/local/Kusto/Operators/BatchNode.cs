namespace Serverless.Local.Kusto;

/// <summary>Rows that are there: print, datatable, getschema.</summary>
internal sealed class BatchNode(Schema schema, Batch batch) : PlanNode(schema)
{
    public override bool IsSerialized => true;

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        context.Check();
        if (batch.Count > 0)
            yield return batch;
    }
}
