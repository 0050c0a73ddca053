namespace Serverless.Local.Kusto;

/// <summary>Percentiles by nearest rank: a value that occurs, the first whose rank reaches the share. Exact, as it keeps all values.</summary>
internal sealed class PercentileAggregator<T>(KustoType type, IReadOnlyList<double> shares, IReadOnlyList<KustoType> columns) : Aggregator
    where T : struct, IComparable<T>
{
    private readonly List<List<T>> _values = [];
    private long _count;

    /// <summary>Lists grow by doubling, so that up to half of them is empty.</summary>
    public override long EstimatedBytes => _count * 2 * sizeof(long);

    public override void Add(Column[] arguments, int[] groups, int count, int groupCount)
    {
        while (_values.Count < groupCount)
            _values.Add([]);
        var column = (VectorColumn<T>)arguments[0];
        for (var i = 0; i < count; i++)
        {
            if (groups[i] < 0 || column.NullAt(i))
                continue;
            _values[groups[i]].Add(column.At(i));
            _count++;
        }
    }

    public override Column[] Finish(int groupCount)
    {
        var builders = columns.Select(column => ColumnBuilder.Create(column, groupCount)).ToArray();
        for (var group = 0; group < groupCount; group++)
        {
            var values = group < _values.Count ? _values[group] : [];
            values.Sort();
            var ranked = shares.Select(share => Rank(values, share)).ToArray();
            // One column for each share, or one with an array of all.
            for (var k = 0; k < builders.Length; k++)
                builders[k].Append(columns[k] == KustoType.Dynamic ? Value.Array(ranked) : ranked[k]);
        }
        return builders.Select(builder => builder.Build()).ToArray();
    }

    private Value Rank(List<T> values, double share)
    {
        const double Whole = 100;
        return values.Count == 0 ? Value.Null : Value.From(type, values[Math.Clamp((int)Math.Ceiling(share / Whole * values.Count) - 1, 0, values.Count - 1)]);
    }
}
