namespace Serverless.Local.Kusto;

/// <summary>bin and its kin: values rounded down to multiples.</summary>
internal static class BinFunctions
{
    public static void Register(FunctionTable table)
    {
        table.Vector("bin", "aa", '0', Bin, FunctionOptions.NamedByArgument);
        table.Vector("floor", "aa", '0', Bin, FunctionOptions.NamedByArgument);
        table.Vector("bin_at", "aaa", '0', BinAt, FunctionOptions.NamedByArgument);
    }

    /// <summary>The type of bin(value, size): real where one of two numbers is.</summary>
    public static KustoType ResultType(KustoType value, KustoType size) =>
        value.IsNumeric() && size.IsNumeric() && KustoTypes.Common(value, size) is KustoType.Real or KustoType.Decimal
            ? KustoType.Real
            : value == KustoType.Int ? KustoType.Long : value;

    /// <summary>The greatest multiple of the size, counted from the start, that is not above.</summary>
    public static long Floor(long value, long size, long start)
    {
        var offset = value - start;
        var rest = offset % size;
        return start + offset - (rest < 0 ? rest + size : rest);
    }

    private static VectorFunction Bin(KustoType type) => type == KustoType.Real
        ? (a, n, _) => Kernels.MapNullable<double, double, double>(type, Conversion.Convert(a[0], type), Conversion.Convert(a[1], type), n, (value, size) => size > 0 ? Math.Floor(value / size) * size : null)
        : (a, n, _) => Kernels.MapNullable<long, long, long>(type, a[0], a[1], n, (value, size) => size > 0 ? Floor(value, size, 0) : null);

    private static VectorFunction BinAt(KustoType type) => Kernels.Rows(type, false, (row, _) =>
    {
        if (type == KustoType.Real)
        {
            var (value, size, start) = (row[0].Number, row[1].Number, row[2].Number);
            return size > 0 ? Value.Real(start + (Math.Floor((value - start) / size) * size)) : Value.Null;
        }
        return row[1].AsLong > 0 ? Value.From(type, Floor(row[0].AsLong, row[1].AsLong, row[2].AsLong)) : Value.Null;
    });
}
