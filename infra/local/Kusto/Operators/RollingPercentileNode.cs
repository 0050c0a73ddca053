namespace Serverless.Local.Kusto;

/// <summary>rolling_percentile: for each bin the nearest-rank percentile over it and the bins before.</summary>
internal sealed class RollingPercentileNode(PlanNode input, Schema schema, BoundExpression value, BoundExpression index, double share, long bins) : PlanNode(schema)
{
    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var values = new SortedDictionary<Value, List<Value>>(Comparer<Value>.Create(ValueComparer.Order));
        foreach (var batch in input.Execute(context))
        {
            var (x, at) = (value.Evaluate(batch, context), index.Evaluate(batch, context));
            context.Hold(batch.EstimatedBytes);
            for (var i = 0; i < batch.Count; i++)
            {
                if (x.IsNull(i) || at.IsNull(i))
                    continue;
                if (!values.TryGetValue(at[i], out var list))
                    values[at[i]] = list = [];
                list.Add(x[i]);
            }
        }
        var builders = Schema.Columns.Select(column => ColumnBuilder.Create(column.Type)).ToArray();
        var window = new Queue<List<Value>>();
        foreach (var (at, list) in values)
        {
            context.Check();
            window.Enqueue(list);
            if (window.Count > bins)
                window.Dequeue();
            var sorted = window.SelectMany(one => one).ToList();
            sorted.Sort(ValueComparer.Order);
            builders[0].Append(at);
            builders[1].Append(sorted[Math.Clamp((int)Math.Ceiling(share / 100 * sorted.Count) - 1, 0, sorted.Count - 1)]);
        }
        if (values.Count > 0)
            yield return new Batch(builders.Select(builder => builder.Build()).ToArray(), values.Count);
    }
}
