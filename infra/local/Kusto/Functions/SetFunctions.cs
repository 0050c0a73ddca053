namespace Serverless.Local.Kusto;

/// <summary>Arrays as sets, in the order in which elements first come.</summary>
internal static class SetFunctions
{
    public static void Register(FunctionTable table)
    {
        table.Row("set_union", "y+", 'y', a => Over(a, sets => sets.SelectMany(x => x)));
        table.Row("set_intersect", "y+", 'y', a => Over(a, sets => sets.Skip(1).Aggregate(sets[0].AsEnumerable(), (x, y) => x.Intersect(y))));
        table.Row("set_difference", "y+", 'y', a => Over(a, sets => sets.Skip(1).Aggregate(sets[0].AsEnumerable(), (x, y) => x.Except(y))));
        table.Row("set_has_element", "ya", 'b', a => a[0].Kind == ValueKind.Array ? Value.Bool(a[0].AsArray.Contains(a[1])) : Value.Null);
        table.Row("jaccard_index", "yy", 'r', Jaccard);
    }

    private static Value Over(Value[] a, Func<List<Value[]>, IEnumerable<Value>> function) =>
        a.Any(x => x.Kind != ValueKind.Array) ? Value.Null : Value.Array(function(a.Select(x => x.AsArray).ToList()).Distinct().ToArray());

    private static Value Jaccard(Value[] a)
    {
        if (a[0].Kind != ValueKind.Array || a[1].Kind != ValueKind.Array)
            return Value.Null;
        var common = a[0].AsArray.Intersect(a[1].AsArray).Count();
        var all = a[0].AsArray.Union(a[1].AsArray).Count();
        return Value.Real(all == 0 ? double.NaN : (double)common / all);
    }
}
