namespace Serverless.Functions.Accounting;

/// <summary>What the ledger knows of a partition beyond its closed minutes.</summary>
/// <param name="Partition">The partition of the hub <c>spans</c>.</param>
/// <param name="Cursor">How far its minutes are closed.</param>
/// <param name="Minutes">The minutes that are not closed, the oldest first.</param>
/// <param name="Late">What came of closed minutes, one for each batch.</param>
/// <param name="Next">The number of the first event that no receipt covers.</param>
/// <param name="LastEnqueuedAt">When the hub took the last event that a receipt covers, as far as it was read; <see cref="DateTimeOffset.MinValue"/> for none.</param>
/// <param name="IsComplete">False where there was too much to read at once: the newest is not there.</param>
internal sealed record OpenPartition(
    string Partition, LedgerCursor Cursor, IReadOnlyList<LedgerMinute> Minutes, IReadOnlyList<LedgerMinute> Late, long Next, DateTimeOffset LastEnqueuedAt,
    bool IsComplete);
