namespace Serverless.Local.Kusto;

/// <summary>top-nested: the top groups, and in each the top groups of the next level.</summary>
internal sealed class TopNestedNode(PlanNode input, Schema schema, IReadOnlyList<TopNestedLevel> levels) : PlanNode(schema)
{
    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var all = Collect(input, context, out var held);
        try
        {
            var builders = Schema.Columns.Select(column => ColumnBuilder.Create(column.Type)).ToArray();
            Descend(all, 0, [], builders, context);
            if (builders[0].Count > 0)
                yield return new Batch(builders.Select(builder => builder.Build()).ToArray(), builders[0].Count);
        }
        finally
        {
            context.Release(held);
        }
    }

    private void Descend(Batch rows, int depth, Value[] path, ColumnBuilder[] builders, QueryContext context)
    {
        if (depth == levels.Count)
        {
            context.CountRows(1);
            for (var i = 0; i < builders.Length; i++)
                builders[i].Append(path[i]);
            return;
        }
        var level = levels[depth];
        var groups = new GroupTable([level.Of.Type]);
        var assigned = groups.Assign([level.Of.Evaluate(rows, context)], rows.Count).AsSpan(0, rows.Count).ToArray();
        var state = level.By.Create();
        state.Add(level.By.Arguments.Select(argument => argument.Evaluate(rows, context)).ToArray(), assigned, rows.Count, groups.Count);
        var measures = state.Finish(groups.Count)[0];
        var keys = groups.Keys()[0];
        var order = Enumerable.Range(0, groups.Count).ToArray();
        Array.Sort(order, (x, y) => ValueComparer.Order(measures[x], measures[y]) * (level.Descending ? -1 : 1) is var sign && sign != 0 ? sign : x.CompareTo(y));
        foreach (var group in order.Take((int)Math.Min(level.Count, order.Length)))
        {
            var inside = Enumerable.Range(0, rows.Count).Where(row => assigned[row] == group).ToArray();
            Descend(rows.Take(inside), depth + 1, [.. path, keys[group], measures[group]], builders, context);
        }
    }
}
