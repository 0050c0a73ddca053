using System.Numerics;

namespace Serverless.Local.Kusto;

/// <summary>sum: of nothing it is 0.</summary>
internal sealed class SumAggregator<T>(KustoType type) : Aggregator
    where T : struct, INumber<T>
{
    private T[] _sums = [];

    public override void Add(Column[] arguments, int[] groups, int count, int groupCount)
    {
        if (_sums.Length < groupCount)
            Array.Resize(ref _sums, Math.Max(groupCount, _sums.Length * 2));
        var column = (VectorColumn<T>)arguments[0];
        for (var i = 0; i < count; i++)
        {
            if (groups[i] >= 0 && !column.NullAt(i))
                _sums[groups[i]] += column.At(i);
        }
    }

    public override Column[] Finish(int groupCount)
    {
        Array.Resize(ref _sums, groupCount);
        return [new VectorColumn<T>(type, _sums, null, groupCount)];
    }
}
