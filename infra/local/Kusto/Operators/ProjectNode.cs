namespace Serverless.Local.Kusto;

/// <summary>Makes columns of expressions: project, extend and all their kin.</summary>
internal sealed class ProjectNode(PlanNode input, Schema schema, IReadOnlyList<BoundExpression> columns, bool serialize = false) : PlanNode(schema)
{
    public override bool IsSerialized => serialize || input.IsSerialized;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public IReadOnlyList<BoundExpression> Columns => columns;

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        if (columns.Any(column => column.IsWindow))
        {
            var all = Collect(input, context, out var held);
            context.Release(held);
            if (all.Count > 0)
                yield return Project(all, context);
            yield break;
        }
        foreach (var batch in input.Execute(context))
        {
            context.Check();
            yield return Project(batch, context);
        }
    }

    protected override void RequireInputs(bool[] required)
    {
        var needed = new bool[input.Schema.Count];
        for (var i = 0; i < columns.Count; i++)
        {
            if (required[i])
                columns[i].Require(needed);
        }
        input.Require(needed);
    }

    private Batch Project(Batch batch, QueryContext context)
    {
        var made = new Column[columns.Count];
        for (var i = 0; i < made.Length; i++)
            made[i] = columns[i].Evaluate(batch, context);
        return new Batch(made, batch.Count);
    }
}
