namespace Serverless.Local.Kusto;

/// <summary>avg: of nothing it is NaN. Of spans it is a span, and null of nothing.</summary>
internal sealed class AverageAggregator(KustoType type) : Aggregator
{
    private double[] _sums = [];
    private long[] _counts = [];

    public override void Add(Column[] arguments, int[] groups, int count, int groupCount)
    {
        if (_sums.Length < groupCount)
        {
            Array.Resize(ref _sums, Math.Max(groupCount, _sums.Length * 2));
            Array.Resize(ref _counts, _sums.Length);
        }
        var column = (VectorColumn<double>)arguments[0];
        for (var i = 0; i < count; i++)
        {
            if (groups[i] < 0 || column.NullAt(i))
                continue;
            _sums[groups[i]] += column.At(i);
            _counts[groups[i]]++;
        }
    }

    public override Column[] Finish(int groupCount)
    {
        Array.Resize(ref _sums, groupCount);
        Array.Resize(ref _counts, groupCount);
        var builder = ColumnBuilder.Create(type, groupCount);
        for (var i = 0; i < groupCount; i++)
        {
            if (type == KustoType.Real)
                builder.Append(Value.Real(_sums[i] / _counts[i]));
            else
                builder.Append(_counts[i] == 0 ? Value.Null : Value.From(type, (long)(_sums[i] / _counts[i])));
        }
        return [builder.Build()];
    }
}
