namespace Serverless.Local.Kusto;

/// <summary>The order of a batch's rows by keys; equal rows keep theirs.</summary>
internal static class RowOrder
{
    public static int[] Sort(Batch batch, IReadOnlyList<SortKey> keys, QueryContext context)
    {
        var comparers = new Comparison<int>[keys.Count];
        for (var i = 0; i < comparers.Length; i++)
            comparers[i] = Comparer(keys[i].Key.Evaluate(batch, context), keys[i]);
        var rows = new int[batch.Count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = i;
        var compared = 0;
        Array.Sort(rows, (x, y) =>
        {
            const int CheckedEvery = 0xFFFF;
            if ((++compared & CheckedEvery) == 0)
                context.Check();
            foreach (var comparer in comparers)
            {
                var order = comparer(x, y);
                if (order != 0)
                    return order;
            }
            return x.CompareTo(y);
        });
        return rows;
    }

    private static Comparison<int> Comparer(Column column, SortKey key)
    {
        var sign = key.Descending ? -1 : 1;
        var first = key.NullsFirst ? -1 : 1;
        switch (column)
        {
            case VectorColumn<long> longs:
                return (x, y) => Nulls(longs.NullAt(x), longs.NullAt(y), first) ?? longs.At(x).CompareTo(longs.At(y)) * sign;
            case VectorColumn<double> reals:
                // Among the missing, NaN is nearer to the numbers than null.
                return (x, y) => Nulls(Missing(reals, x), Missing(reals, y), first) ?? (Missing(reals, x) == 0 ? reals.At(x).CompareTo(reals.At(y)) * sign : 0);
            case VectorColumn<string> texts:
                return (x, y) => Math.Sign(string.CompareOrdinal(texts.At(x), texts.At(y))) * sign;
            default:
                return (x, y) => Nulls(column.IsNull(x), column.IsNull(y), first) ?? ValueComparer.Order(column[x], column[y]) * sign;
        }
    }

    private static int Missing(VectorColumn<double> column, int row) => column.NullAt(row) ? 2 : double.IsNaN(column.At(row)) ? 1 : 0;

    private static int? Nulls(int x, int y, int first) => x == y ? null : x > y ? first : -first;

    private static int? Nulls(bool x, bool y, int first) => x == y ? (x ? 0 : null) : x ? first : -first;
}
