namespace Serverless.Functions.Buffering;

/// <summary>What a partition of a hub had at one moment.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="First">The number of the oldest event that it still had, or would have.</param>
/// <param name="Last">The number of its newest event, still there or not; -1 before the first.</param>
/// <param name="LastEnqueuedAt">When it took that.</param>
public sealed record PartitionEnds(string Partition, long First, long Last, DateTimeOffset LastEnqueuedAt);
