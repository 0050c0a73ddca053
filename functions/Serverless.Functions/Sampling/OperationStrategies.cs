namespace Serverless.Functions.Sampling;

/// <summary>How traces are sampled by the operation that they begin with.</summary>
/// <param name="DefaultProbability">The part of the traces of other operations, 0 to 1.</param>
/// <param name="LowerBound">Traces a second of each operation that are taken at least.</param>
/// <param name="UpperBound">Traces a second of each operation that are taken at most, or null; few clients know it.</param>
/// <param name="Operations">The operations.</param>
public sealed record OperationStrategies(
    double DefaultProbability, double LowerBound, double? UpperBound, IReadOnlyList<OperationStrategy> Operations);
