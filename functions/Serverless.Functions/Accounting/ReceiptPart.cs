namespace Serverless.Functions.Accounting;

/// <summary>An event that has spans of a request.</summary>
/// <param name="Partition">The partition of the hub <c>spans</c>.</param>
/// <param name="Sequence">The event's place in it.</param>
/// <param name="Accepted">How many spans of the request were accepted in all.</param>
/// <param name="Spans">How many of them the event has.</param>
/// <param name="IsQuarantined">Whether it could not be decoded, and was set aside.</param>
/// <param name="EnqueuedAt">When the hub took it.</param>
/// <param name="AssembledAt">When it was written to the tables; null where it waits in the hub.</param>
/// <param name="FinalizedAt">When the last report of its batch was finalized, and exported; null where not all are.</param>
/// <param name="EventId">What tells the event from others, however often it was sent; 0 where it has nothing that does.</param>
public sealed record ReceiptPart(
    string Partition, long Sequence, int Accepted, int Spans, bool IsQuarantined, DateTimeOffset EnqueuedAt, DateTimeOffset? AssembledAt, DateTimeOffset? FinalizedAt, ulong EventId)
{
    /// <summary>Whether the hub has the event twice, and its spans are told of the other one.</summary>
    public bool IsResent { get; init; }
}
