using Serverless.Functions.Storage;

namespace Serverless.Functions.Querying.Api;

/// <summary>Which traces may have a verdict.</summary>
/// <param name="Traces">The low 64 bits of their ids.</param>
/// <param name="LastReceipted">Per partition of hub <c>spans</c> the last event whose receipt was there when the list was made.</param>
public sealed record VerdictList(IReadOnlySet<ulong> Traces, IReadOnlyDictionary<string, long> LastReceipted)
{
    /// <summary>
    /// Whether traces of a search block may be missing from the list: its batch was being written when the list was made, or came later. Merged blocks are
    /// of batches that had their receipts long before.
    /// </summary>
    /// <exception cref="FormatException">The key is no search block's.</exception>
    public bool IsNewer(string blockRowKey)
    {
        var batch = RowKeys.SearchBatch(blockRowKey);
        return !batch.IsMerged && (!LastReceipted.TryGetValue(batch.Partition, out var last) || batch.LastSequence > last);
    }
}
