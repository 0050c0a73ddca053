using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>A batch of which not all reports were finalized.</summary>
/// <param name="Batch">The events.</param>
/// <param name="Stored">How many reports its receipt says it brought.</param>
/// <param name="Finalized">How many of them were finalized or folded.</param>
public sealed record BatchRemainder(BatchId Batch, long Stored, long Finalized);
