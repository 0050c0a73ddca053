namespace Serverless.Functions.Storage;

/// <summary>A row's part in a conditional transaction (<see cref="TableStorage.WriteTogetherAsync"/>).</summary>
/// <param name="RowKey">The key within its partition.</param>
/// <param name="Data">The content; empty for a deletion.</param>
/// <param name="Condition">What must hold.</param>
/// <param name="ETag">The state that the row must be in; null where the condition does not ask.</param>
public readonly record struct RowWrite(string RowKey, byte[] Data, RowCondition Condition, string? ETag)
{
    /// <summary>Inserts or replaces a row.</summary>
    public static RowWrite Always(StoredRow row) => new(row.RowKey, row.Data, RowCondition.Always, null);

    /// <summary>Inserts a row that must not exist.</summary>
    public static RowWrite IfAbsent(StoredRow row) => new(row.RowKey, row.Data, RowCondition.IfAbsent, null);

    /// <summary>Replaces a row that must be as it was read, or inserts it where none was: <paramref name="etag"/> is null.</summary>
    public static RowWrite IfUnchanged(StoredRow row, string? etag) =>
        etag is null ? IfAbsent(row) : new RowWrite(row.RowKey, row.Data, RowCondition.IfMatch, etag);

    /// <summary>Deletes a row, which must exist; with an ETag it must be as it was read.</summary>
    public static RowWrite Delete(string rowKey, string? etag = null) => new(rowKey, [], RowCondition.Delete, etag);
}
