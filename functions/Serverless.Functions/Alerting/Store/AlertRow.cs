namespace Serverless.Functions.Alerting.Store;

/// <summary>A row of the table of alerts.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Data">Its content in JSON.</param>
/// <param name="ETag">Its version.</param>
internal sealed record AlertRow(string Key, byte[] Data, string ETag);
