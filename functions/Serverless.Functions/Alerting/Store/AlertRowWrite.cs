namespace Serverless.Functions.Alerting.Store;

/// <summary>A change of a row, and on what condition.</summary>
/// <param name="Key">The row.</param>
/// <param name="Data">Its new content; null to delete it.</param>
/// <param name="ETag">The version that it must have; null where it must not be there.</param>
internal sealed record AlertRowWrite(string Key, byte[]? Data, string? ETag)
{
    /// <summary>A row that must not be there yet.</summary>
    public static AlertRowWrite Add(string key, byte[] data) => new(key, data, null);

    /// <summary>A row that must not have been changed since it was read.</summary>
    public static AlertRowWrite Replace(AlertRow row, byte[] data) => new(row.Key, data, row.ETag);

    /// <summary>Deletes a row that must not have been changed since it was read.</summary>
    public static AlertRowWrite Delete(AlertRow row) => new(row.Key, null, row.ETag);
}
