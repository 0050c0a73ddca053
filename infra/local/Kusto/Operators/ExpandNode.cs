namespace Serverless.Local.Kusto;

/// <summary>
/// mv-expand: a row per element, several arrays in parallel; an array that is shorter is filled with nulls. Null makes one row, an empty array
/// none. A bag's entries come as bags of one entry, or as pairs.
/// </summary>
internal sealed class ExpandNode(
    PlanNode input, Schema schema, IReadOnlyList<BoundExpression> values, int[] ordinals, IReadOnlyList<KustoType> types, bool pairs, bool withIndex, long limit)
    : PlanNode(schema)
{
    public override bool IsSerialized => input.IsSerialized;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        foreach (var batch in input.Execute(context))
        {
            var columns = values.Select(value => value.Evaluate(batch, context)).ToArray();
            for (var row = 0; row < batch.Count;)
            {
                var expanded = Expand(batch, columns, ref row);
                context.CountRows(expanded.Count);
                if (expanded.Count > 0)
                    yield return expanded;
            }
        }
    }

    protected override void RequireInputs(bool[] required)
    {
        var needed = new bool[input.Schema.Count];
        for (var i = 0; i < needed.Length; i++)
            needed[i] = required[i] && !ordinals.Contains(i);
        foreach (var value in values)
            value.Require(needed);
        input.Require(needed);
    }

    /// <summary>Expands rows until there are enough for a batch.</summary>
    private Batch Expand(Batch batch, Column[] columns, ref int row)
    {
        var builders = types.Select(type => ColumnBuilder.Create(type)).ToArray();
        var index = ColumnBuilder.Create(KustoType.Long);
        var rows = new List<int>();
        for (; row < batch.Count && rows.Count < Batch.PreferredRows; row++)
        {
            var at = row;
            var items = columns.Select(column => Elements(column[at])).ToArray();
            var count = Math.Min(limit, items.Max(list => list.Length));
            for (var i = 0; i < count; i++)
            {
                rows.Add(row);
                index.Append(Value.Long(i));
                for (var k = 0; k < items.Length; k++)
                    builders[k].Append(i < items[k].Length ? Conversion.Cast(items[k][i], types[k]) : Value.Null);
            }
        }
        var taken = batch.Take(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows));
        var made = new Column[Schema.Count];
        taken.Columns.CopyTo(made, 0);
        for (var k = 0; k < builders.Length; k++)
            made[ordinals[k]] = builders[k].Build();
        if (withIndex)
            made[^1] = index.Build();
        return new Batch(made, rows.Count);
    }

    private Value[] Elements(Value value) => value.Kind switch
    {
        ValueKind.Array => value.AsArray,
        ValueKind.Bag => value.AsBag.Entries.Select(entry => pairs ? Value.Array([Value.String(entry.Key), entry.Value]) : One(entry)).ToArray(),
        _ => [value],
    };

    private static Value One(KeyValuePair<string, Value> entry)
    {
        var bag = new DynamicBag();
        bag.Set(entry.Key, entry.Value);
        return Value.Bag(bag);
    }
}
