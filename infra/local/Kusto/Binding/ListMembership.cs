namespace Serverless.Local.Kusto;

/// <summary>in, in~, has_any and has_all. Dynamic arrays in the list stand for their elements.</summary>
internal static class ListMembership
{
    public static BoundExpression Bind(string op, bool negated, BoundExpression left, IReadOnlyList<BoundExpression> items)
    {
        if (items.All(item => item is ConstantExpression))
            return Constants(op, negated, left, items.SelectMany(item => Elements(((ConstantExpression)item).Value)).ToList());
        return new FunctionExpression(
            KustoType.Bool,
            Kernels.Rows(KustoType.Bool, true, (row, _) => row[0].IsNull ? Value.Null : Value.Bool(Matches(op, row[0], row.Skip(1).SelectMany(Elements)) != negated)),
            true,
            false,
            [left, .. items]);
    }

    private static FunctionExpression Constants(string op, bool negated, BoundExpression left, List<Value> items)
    {
        if (op is "in" or "in~" && left.Type == KustoType.String)
        {
            var texts = items.Select(item => item.ToString()).ToHashSet(op == "in" ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
            return new FunctionExpression(KustoType.Bool, (a, _, _) => Kernels.Map<string, bool>(KustoType.Bool, a[0], text => texts.Contains(text) != negated), true, false, left);
        }
        var values = items.ToHashSet();
        return new FunctionExpression(
            KustoType.Bool,
            Kernels.Rows(KustoType.Bool, true, (row, _) => row[0].IsNull ? Value.Bool(negated) : Value.Bool((op == "in" ? values.Contains(row[0]) : Matches(op, row[0], items)) != negated)),
            true,
            false,
            left);
    }

    private static IEnumerable<Value> Elements(Value value) => value.Kind == ValueKind.Array ? value.AsArray : [value];

    private static bool Matches(string op, Value value, IEnumerable<Value> items) => op switch
    {
        "in" => items.Contains(value),
        "in~" => items.Any(item => item.ToString().Equals(value.ToString(), StringComparison.OrdinalIgnoreCase)),
        "has_any" => items.Any(item => StringOperators.Has(value.ToString(), item.ToString())),
        _ => items.All(item => StringOperators.Has(value.ToString(), item.ToString())),
    };
}
