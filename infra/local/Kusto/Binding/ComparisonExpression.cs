namespace Serverless.Local.Kusto;

/// <summary>A comparison, which also says to what it narrows a time.</summary>
internal sealed class ComparisonExpression(string op, VectorFunction function, BoundExpression left, BoundExpression right) : BoundExpression(KustoType.Bool)
{
    public override IReadOnlyList<BoundExpression> Operands => [left, right];

    public override Column Evaluate(Batch batch, QueryContext context) => function([left.Evaluate(batch, context), right.Evaluate(batch, context)], batch.Count, context);

    public TimeBound? TimeBound()
    {
        var (column, constant, direction) = (left, right) switch
        {
            (ColumnExpression l, ConstantExpression r) => (l, r, op),
            (ConstantExpression l, ColumnExpression r) => (r, l, op switch { "<" => ">", ">" => "<", "<=" => ">=", ">=" => "<=", _ => op }),
            _ => (null, null, ""),
        };
        if (column is null || constant is null || column.Type != KustoType.DateTime || constant.Value.IsNull)
            return null;
        var ticks = constant.Value.AsLong;
        return direction switch
        {
            "==" => new TimeBound(column.Name, ticks, ticks),
            ">" or ">=" => new TimeBound(column.Name, ticks, DateTime.MaxValue.Ticks),
            "<" or "<=" => new TimeBound(column.Name, 0, ticks),
            _ => null,
        };
    }
}
