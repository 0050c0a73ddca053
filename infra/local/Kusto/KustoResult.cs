namespace Serverless.Local.Kusto;

/// <summary>A query's result.</summary>
internal sealed record KustoResult(Schema Schema, IReadOnlyList<Batch> Batches)
{
    public int RowCount => Batches.Sum(batch => batch.Count);

    /// <summary>All rows as values, for readers that are not in a hurry.</summary>
    public IEnumerable<Value[]> Rows()
    {
        foreach (var batch in Batches)
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var at = row;
                yield return batch.Columns.Select(column => column[at]).ToArray();
            }
        }
    }
}
