namespace Serverless.Local.Kusto;

/// <summary>Aggregates that keep an object per group.</summary>
internal sealed class StateAggregator<TState>(
    IReadOnlyList<KustoType> types, Func<TState> create, Func<TState, Value[], long> add, Func<TState, Value[]> finish, bool seesNulls = false) : Aggregator
    where TState : class
{
    private readonly List<TState?> _states = [];
    private long _bytes;

    public override long EstimatedBytes => _bytes;

    /// <param name="arguments">The arguments' columns.</param>
    /// <param name="groups">The rows' groups.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="groupCount">How many groups there are by now.</param>
    public override void Add(Column[] arguments, int[] groups, int count, int groupCount)
    {
        while (_states.Count < groupCount)
            _states.Add(null);
        var row = new Value[arguments.Length];
        for (var i = 0; i < count; i++)
        {
            if (groups[i] < 0)
                continue;
            for (var k = 0; k < row.Length; k++)
                row[k] = arguments[k][i];
            if (row.Length > 0 && row[0].IsNull && !seesNulls)
                continue;
            _bytes += add(_states[groups[i]] ??= create(), row);
        }
    }

    public override Column[] Finish(int groupCount)
    {
        var builders = types.Select(type => ColumnBuilder.Create(type, groupCount)).ToArray();
        for (var i = 0; i < groupCount; i++)
        {
            var values = finish((i < _states.Count ? _states[i] : null) ?? create());
            for (var k = 0; k < builders.Length; k++)
                builders[k].Append(Conversion.Store(values[k], types[k]));
        }
        return builders.Select(builder => builder.Build()).ToArray();
    }
}
