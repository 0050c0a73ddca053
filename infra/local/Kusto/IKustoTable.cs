namespace Serverless.Local.Kusto;

/// <summary>A table that queries can read, wherever its rows are kept.</summary>
internal interface IKustoTable
{
    string Name { get; }

    Schema Schema { get; }

    /// <summary>
    /// Reads the table. What the request narrows may be ignored: the engine filters again. Batches have all columns of the schema, in its order;
    /// those that were not asked for may be <see cref="Column.Nulls"/>.
    /// </summary>
    IAsyncEnumerable<Batch> ScanAsync(ScanRequest request, CancellationToken cancellation);
}
