namespace Serverless.Local.Kusto;

/// <summary>range: values from, to (which is in it), step.</summary>
internal sealed class RangeNode(string name, KustoType type, Value from, Value to, Value step) : PlanNode(new Schema([new(name, type)]))
{
    public override bool IsSerialized => true;

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        if (from.IsNull || to.IsNull || step.IsNull)
            yield break;
        var at = 0L;
        while (true)
        {
            var builder = ColumnBuilder.Create(type, Batch.PreferredRows);
            while (builder.Count < Batch.PreferredRows && At(at) is { IsNull: false } value)
            {
                builder.Append(value);
                at++;
            }
            if (builder.Count == 0)
                yield break;
            context.CountRows(builder.Count);
            yield return new Batch([builder.Build()], builder.Count);
        }
    }

    private Value At(long index)
    {
        if (type == KustoType.Real)
        {
            var real = from.Number + (index * step.Number);
            return step.Number == 0 || (step.Number > 0 ? real > to.Number : real < to.Number) ? Value.Null : Value.Real(real);
        }
        var (by, end) = (step.AsLong, to.AsLong);
        if (by == 0 || Math.BigMul(index, by) is var offset && (offset > long.MaxValue || offset < long.MinValue))
            return Value.Null;
        var sum = (Int128)from.AsLong + offset;
        return (by > 0 ? sum > end : sum < end) ? Value.Null : Value.From(type, (long)sum);
    }
}
