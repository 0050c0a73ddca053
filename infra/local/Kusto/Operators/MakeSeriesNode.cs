namespace Serverless.Local.Kusto;

/// <summary>make-series: an array per aggregate and group, with an element for each bin from the start to before the end.</summary>
internal sealed class MakeSeriesNode(
    PlanNode input, Schema schema, IReadOnlyList<BoundExpression> keys, IReadOnlyList<BoundAggregate> aggregates, IReadOnlyList<Value> defaults,
    BoundExpression axis, Value from, Value to, Value step) : PlanNode(schema)
{
    /// <summary>Bins of a series.</summary>
    private const int MaxBins = 1 << 20;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var all = Collect(input, context, out var held);
        try
        {
            var result = Series(all, context);
            if (result.Count > 0)
                yield return result;
        }
        finally
        {
            context.Release(held);
        }
    }

    protected override void RequireInputs(bool[] required)
    {
        var needed = new bool[input.Schema.Count];
        foreach (var expression in keys.Append(axis).Concat(aggregates.SelectMany(aggregate => aggregate.Arguments)))
            expression.Require(needed);
        input.Require(needed);
    }

    private Batch Series(Batch all, QueryContext context)
    {
        var type = axis.Type;
        var places = axis.Evaluate(all, context);
        var (start, end, count) = Bounds(places);
        var size = Position(step);
        var groups = new GroupTable(keys.Select(key => key.Type).ToArray());
        var assigned = groups.Assign(keys.Select(key => key.Evaluate(all, context)).ToArray(), all.Count).AsSpan(0, all.Count).ToArray();
        // A group and a bin together are one group of the aggregates.
        var cells = new GroupTable([KustoType.Long]);
        var slots = new long[all.Count];
        var outside = new bool[all.Count];
        for (var i = 0; i < all.Count; i++)
        {
            var at = places.IsNull(i) ? double.NaN : Position(places[i]);
            outside[i] = !(at >= start && at < end);
            slots[i] = outside[i] ? -1 : ((long)assigned[i] * count) + Math.Min(count - 1, (long)((at - start) / size));
        }
        var numbered = cells.Assign([new VectorColumn<long>(KustoType.Long, slots, null, all.Count)], all.Count).AsSpan(0, all.Count).ToArray();
        for (var i = 0; i < all.Count; i++)
            numbered[i] = outside[i] ? -1 : numbered[i];
        var bySlot = cells.Keys()[0] is var slotColumn ? Enumerable.Range(0, cells.Count).ToDictionary(i => slotColumn[i].AsLong) : [];
        if (groups.Count == 0 || (keys.Count == 0 && all.Count == 0 && from.IsNull))
            return Batch.Empty(Schema);
        var columns = new List<Column>(groups.Keys());
        foreach (var (aggregate, otherwise) in aggregates.Zip(defaults))
        {
            var state = aggregate.Create();
            state.Add(aggregate.Arguments.Select(argument => argument.Evaluate(all, context)).ToArray(), numbered, all.Count, cells.Count);
            var cellValues = state.Finish(cells.Count)[0];
            context.CountRows((int)Math.Min(int.MaxValue, (long)groups.Count * count));
            columns.Add(Arrays(groups.Count, (group, bin) => bySlot.TryGetValue(((long)group * count) + bin, out var cell) ? cellValues[cell] : otherwise, count));
        }
        columns.Add(Arrays(groups.Count, (_, bin) => Mark(type, start + (bin * size)), count));
        return new Batch([.. columns], groups.Count);
    }

    private static Column Arrays(int groups, Func<int, int, Value> element, int count)
    {
        var builder = ColumnBuilder.Create(KustoType.Dynamic, groups);
        for (var group = 0; group < groups; group++)
        {
            var items = new Value[count];
            for (var bin = 0; bin < count; bin++)
                items[bin] = element(group, bin);
            builder.Append(Value.Array(items));
        }
        return builder.Build();
    }

    private static double Position(Value value) => value.IsNumber ? value.Number : value.AsLong;

    private static Value Mark(KustoType type, double at) => type is KustoType.Real or KustoType.Decimal ? Value.Real(at) : Value.From(type, (long)at);

    private (double Start, double End, int Count) Bounds(Column places)
    {
        var size = Position(step);
        if (!(size > 0))
            throw KustoException.Execution("make-series needs a step above 0");
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var i = 0; i < places.Count; i++)
        {
            if (places.IsNull(i))
                continue;
            min = Math.Min(min, Position(places[i]));
            max = Math.Max(max, Position(places[i]));
        }
        if (double.IsInfinity(min))
            (min, max) = (0, 0);
        var start = from.IsNull ? Math.Floor(min / size) * size : Position(from);
        var end = to.IsNull ? (Math.Floor((max - start) / size) * size) + start + size : Position(to);
        var bins = Math.Ceiling((end - start) / size);
        return bins <= MaxBins ? (start, end, (int)Math.Max(0, bins)) : throw KustoException.Limit("E_QUERY_TOO_MANY_ROWS", $"make-series has {bins:N0} bins; at most {MaxBins:N0} are allowed");
    }
}
