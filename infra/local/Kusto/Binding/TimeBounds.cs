namespace Serverless.Local.Kusto;

/// <summary>Finds the times to which a condition narrows datetime columns.</summary>
internal static class TimeBounds
{
    public static IEnumerable<TimeBound> Of(BoundExpression condition, Schema schema)
    {
        if (condition is LogicExpression { IsAnd: true } and)
            return and.Operands.SelectMany(operand => Of(operand, schema));
        return condition is ComparisonExpression comparison && comparison.TimeBound() is { } bound ? [bound] : [];
    }
}
