namespace Serverless.Functions.Sampling;

/// <summary>How traces that begin with an operation are sampled.</summary>
/// <param name="Operation">The root span's name.</param>
/// <param name="SamplingRate">The part of the traces, 0 to 1.</param>
public sealed record OperationStrategy(string Operation, double SamplingRate);
