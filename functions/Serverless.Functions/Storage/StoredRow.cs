namespace Serverless.Functions.Storage;

/// <summary>A row of any of the tables: a key, and bytes.</summary>
/// <param name="RowKey">The key within its partition.</param>
/// <param name="Data">The content, at most <see cref="TableStorage.MaxRowBytes"/>.</param>
public readonly record struct StoredRow(string RowKey, byte[] Data);
