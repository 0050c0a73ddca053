namespace Serverless.Local.Kusto;

/// <summary>min and max of vectors with an order.</summary>
internal sealed class ExtremeAggregator<T>(KustoType type, int sign) : Aggregator
    where T : IComparable<T>
{
    private T[] _best = [];
    private bool[] _known = [];

    public override void Add(Column[] arguments, int[] groups, int count, int groupCount)
    {
        if (_best.Length < groupCount)
        {
            Array.Resize(ref _best, Math.Max(groupCount, _best.Length * 2));
            Array.Resize(ref _known, _best.Length);
        }
        var column = (VectorColumn<T>)arguments[0];
        for (var i = 0; i < count; i++)
        {
            var group = groups[i];
            if (group < 0 || column.NullAt(i) || (typeof(T) == typeof(double) && double.IsNaN((double)(object)column.At(i)!)))
                continue;
            if (_known[group] && column.At(i).CompareTo(_best[group]) * sign <= 0)
                continue;
            _known[group] = true;
            _best[group] = column.At(i);
        }
    }

    public override Column[] Finish(int groupCount)
    {
        Array.Resize(ref _best, groupCount);
        Array.Resize(ref _known, groupCount);
        return [new VectorColumn<T>(type, _best, _known.Select(known => !known).ToArray(), groupCount)];
    }
}
