namespace Serverless.Local.Kusto;

/// <summary>Collects values into a column.</summary>
internal abstract class ColumnBuilder
{
    public abstract int Count { get; }

    public static ColumnBuilder Create(KustoType type, int capacity = 16) => type switch
    {
        KustoType.Bool => new VectorBuilder<bool>(type, capacity),
        KustoType.Real => new VectorBuilder<double>(type, capacity),
        KustoType.Decimal => new VectorBuilder<decimal>(type, capacity),
        KustoType.String => new VectorBuilder<string>(type, capacity),
        KustoType.Guid => new VectorBuilder<Guid>(type, capacity),
        KustoType.Dynamic => new VectorBuilder<Value>(type, capacity),
        _ => new VectorBuilder<long>(type, capacity),
    };

    /// <summary>Adds a value, which must be of the column's type, or null.</summary>
    public abstract void Append(Value value);

    /// <summary>Adds the first rows of a column of the same type.</summary>
    public abstract void AppendAll(Column column);

    public abstract Column Build();

    /// <summary>A constant column of the only value that was added.</summary>
    public abstract Column BuildConstant(int count);
}
