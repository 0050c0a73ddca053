using Serverless.Functions.Storage;

namespace Serverless.Functions.Finalizing;

/// <summary>A trace row that a summary took into account.</summary>
/// <param name="Day">The day of the table that has it.</param>
/// <param name="Batch">The batch that it came with.</param>
public readonly record struct IncludedBatch(DateOnly Day, BatchId Batch);
