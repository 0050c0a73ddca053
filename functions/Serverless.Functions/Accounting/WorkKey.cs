namespace Serverless.Functions.Accounting;

/// <summary>What of the system's own work is counted.</summary>
/// <param name="Measure">One of <see cref="WorkCounts"/>' measures.</param>
/// <param name="Label">Which: a stage, an operation.</param>
public readonly record struct WorkKey(string Measure, string Label);
