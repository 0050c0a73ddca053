namespace Serverless.Local.Kusto;

/// <summary>summarize: keys first, then what the aggregates give.</summary>
internal sealed class AggregateNode(PlanNode input, Schema schema, IReadOnlyList<BoundExpression> keys, IReadOnlyList<BoundAggregate> aggregates) : PlanNode(schema)
{
    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var groups = new GroupTable(keys.Select(key => key.Type).ToArray());
        var states = aggregates.Select(aggregate => aggregate.Create()).ToArray();
        var held = 0L;
        try
        {
            foreach (var batch in Batches(context))
            {
                var columns = keys.Select(key => key.Evaluate(batch, context)).ToArray();
                var assigned = groups.Assign(columns, batch.Count);
                for (var i = 0; i < states.Length; i++)
                    states[i].Add(aggregates[i].Arguments.Select(argument => argument.Evaluate(batch, context)).ToArray(), assigned, batch.Count, groups.Count);
                var bytes = groups.EstimatedBytes + states.Sum(state => state.EstimatedBytes);
                context.Hold(bytes - held);
                held = bytes;
            }
            if (groups.Count > 0)
                yield return new Batch([.. groups.Keys(), .. states.SelectMany(state => state.Finish(groups.Count))], groups.Count);
        }
        finally
        {
            context.Release(held);
        }
    }

    protected override void RequireInputs(bool[] required)
    {
        var needed = new bool[input.Schema.Count];
        foreach (var expression in keys.Concat(aggregates.SelectMany(aggregate => aggregate.Arguments)))
            expression.Require(needed);
        input.Require(needed);
    }

    private IEnumerable<Batch> Batches(QueryContext context)
    {
        if (!keys.Concat(aggregates.SelectMany(aggregate => aggregate.Arguments)).Any(expression => expression.IsWindow))
            return input.Execute(context);
        var all = Collect(input, context, out var held);
        context.Release(held);
        return [all];
    }
}
