namespace Serverless.Local.Kusto;

/// <summary>A vector of values of one type. Constants hold one element for any number of rows.</summary>
internal abstract class Column(KustoType type, int count)
{
    public KustoType Type { get; } = type;

    public int Count { get; } = count;

    public abstract Value this[int row] { get; }

    public abstract bool IsNull(int row);

    /// <summary>About how many bytes it holds.</summary>
    public abstract long EstimatedBytes { get; }

    /// <summary>The rows named, in this order; a negative row is null.</summary>
    public abstract Column Take(ReadOnlySpan<int> rows);

    public abstract Column Slice(int start, int count);

    /// <summary>The same value for all rows.</summary>
    public static Column Constant(KustoType type, Value value, int count)
    {
        var builder = ColumnBuilder.Create(type, 1);
        builder.Append(value);
        return builder.BuildConstant(count);
    }

    public static Column Nulls(KustoType type, int count) => Constant(type, Value.Null, count);
}
