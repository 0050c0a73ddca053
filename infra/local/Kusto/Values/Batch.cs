namespace Serverless.Local.Kusto;

/// <summary>Some rows, by column. A column that nobody asked for is a constant null.</summary>
internal sealed class Batch(Column[] columns, int count)
{
    /// <summary>How many rows a batch has where an operator may choose.</summary>
    public const int PreferredRows = 4096;

    public Column[] Columns { get; } = columns;

    public int Count { get; } = count;

    public long EstimatedBytes => Columns.Sum(column => column.EstimatedBytes);

    public Batch Take(ReadOnlySpan<int> rows)
    {
        var columns = new Column[Columns.Length];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = Columns[i].Take(rows);
        return new Batch(columns, rows.Length);
    }

    public Batch Slice(int start, int count) =>
        start == 0 && count == Count ? this : new(Columns.Select(column => column.Slice(start, count)).ToArray(), count);

    /// <summary>The batch and more columns.</summary>
    public Batch With(params Column[] more) => new([.. Columns, .. more], Count);

    public static Batch Empty(Schema schema) => new(schema.Columns.Select(column => Column.Nulls(column.Type, 0)).ToArray(), 0);

    /// <summary>One batch of several.</summary>
    public static Batch Concat(Schema schema, IReadOnlyList<Batch> batches)
    {
        if (batches.Count == 0)
            return Empty(schema);
        if (batches.Count == 1)
            return batches[0];
        var count = batches.Sum(batch => batch.Count);
        var columns = new Column[schema.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var builder = ColumnBuilder.Create(schema[i].Type, count);
            foreach (var batch in batches)
                builder.AppendAll(batch.Columns[i]);
            columns[i] = builder.Build();
        }
        return new Batch(columns, count);
    }
}
