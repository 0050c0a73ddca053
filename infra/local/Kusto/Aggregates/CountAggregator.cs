namespace Serverless.Local.Kusto;

/// <summary>count: rows.</summary>
internal sealed class CountAggregator : Aggregator
{
    private long[] _counts = [];

    public override void Add(Column[] arguments, int[] groups, int count, int groupCount)
    {
        if (_counts.Length < groupCount)
            Array.Resize(ref _counts, Math.Max(groupCount, _counts.Length * 2));
        for (var i = 0; i < count; i++)
        {
            if (groups[i] >= 0)
                _counts[groups[i]]++;
        }
    }

    public override Column[] Finish(int groupCount)
    {
        Array.Resize(ref _counts, groupCount);
        return [new VectorColumn<long>(KustoType.Long, _counts, null, groupCount)];
    }
}
