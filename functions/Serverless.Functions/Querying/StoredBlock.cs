namespace Serverless.Functions.Querying;

/// <summary>A search block as stored.</summary>
/// <param name="NewestStartNs">No span that it covers starts later, in nanoseconds since 1970.</param>
/// <param name="Service">The service key that it was looked up by.</param>
/// <param name="RowKey">The key that it is stored under.</param>
/// <param name="Bytes">The block.</param>
internal sealed record StoredBlock(ulong NewestStartNs, string Service, string RowKey, ReadOnlyMemory<byte> Bytes);
