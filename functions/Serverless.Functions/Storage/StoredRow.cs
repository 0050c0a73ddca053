namespace Serverless.Functions.Storage;

/// <summary>A row of any of the tables: a key, and bytes.</summary>
/// <param name="RowKey">The key within its partition.</param>
/// <param name="Data">The content, at most <see cref="TableStorage.MaxRowBytes"/>.</param>
public readonly record struct StoredRow(string RowKey, byte[] Data)
{
    /// <summary>What the service calls this state of the row; null where the row was not read. Does not count when a row is written.</summary>
    public string? ETag { get; init; }

    /// <summary>When the row was written last, by the service's clock; default where the row was not read.</summary>
    public DateTimeOffset WrittenAt { get; init; }
}
