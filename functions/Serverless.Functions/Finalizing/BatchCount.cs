using Serverless.Functions.Storage;

namespace Serverless.Functions.Finalizing;

/// <summary>How many reports of a batch of the assembler were finalized.</summary>
/// <param name="Batch">The batch; one without a partition stands for those that were too many to be told apart.</param>
/// <param name="Reports">How many reports of spans, before they were merged.</param>
public sealed record BatchCount(BatchId Batch, long Reports);
