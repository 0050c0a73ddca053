namespace Serverless.Local.Kusto;

/// <summary>The forms that end in "if": only rows for which the last argument is true count.</summary>
internal sealed class ConditionalAggregator(Aggregator inner) : Aggregator
{
    public override long EstimatedBytes => inner.EstimatedBytes;

    public override void Add(Column[] arguments, int[] groups, int count, int groupCount)
    {
        var condition = (VectorColumn<bool>)arguments[^1];
        var chosen = new int[count];
        for (var i = 0; i < count; i++)
            chosen[i] = condition.At(i) && !condition.NullAt(i) ? groups[i] : -1;
        inner.Add(arguments[..^1], chosen, count, groupCount);
    }

    public override Column[] Finish(int groupCount) => inner.Finish(groupCount);
}
