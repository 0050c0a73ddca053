namespace Serverless.Local.Kusto;

/// <summary>The order of values of one type; numbers are compared by value, texts by their code units. Null and NaN are not for this to place.</summary>
internal static class ValueComparer
{
    /// <summary>Less than, equal to or greater than 0; null where the kinds have no order between them.</summary>
    public static int? Compare(Value left, Value right)
    {
        if (left.IsNumber && right.IsNumber)
        {
            if (left.IsInteger && right.IsInteger)
                return left.AsLong.CompareTo(right.AsLong);
            if (left.Kind == ValueKind.Decimal && right.Kind == ValueKind.Decimal)
                return left.AsDecimal.CompareTo(right.AsDecimal);
            return double.IsNaN(left.Number) || double.IsNaN(right.Number) ? null : left.Number.CompareTo(right.Number);
        }
        if (left.Kind != right.Kind)
            return null;
        return left.Kind switch
        {
            ValueKind.String => string.CompareOrdinal(left.AsString, right.AsString),
            ValueKind.Guid => left.AsGuid.CompareTo(right.AsGuid),
            ValueKind.Bool or ValueKind.DateTime or ValueKind.TimeSpan => left.AsLong.CompareTo(right.AsLong),
            ValueKind.Array or ValueKind.Bag => left.Equals(right) ? 0 : null,
            _ => null,
        };
    }

    /// <summary>A total order for sorting: NaN below all numbers, kinds by their number where they have no order.</summary>
    public static int Order(Value left, Value right)
    {
        if (Compare(left, right) is { } order)
            return order;
        if (left.IsNumber && right.IsNumber)
            return double.IsNaN(left.Number) ? (double.IsNaN(right.Number) ? 0 : -1) : 1;
        return left.Kind.CompareTo(right.Kind);
    }
}
