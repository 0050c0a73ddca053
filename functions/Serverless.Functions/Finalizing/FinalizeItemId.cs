namespace Serverless.Functions.Finalizing;

/// <summary>An item of work of the finalizer: an event of the hub <c>finalize</c>.</summary>
/// <param name="Partition">The partition of the hub.</param>
/// <param name="Sequence">The event's sequence number.</param>
public readonly record struct FinalizeItemId(string Partition, long Sequence);
