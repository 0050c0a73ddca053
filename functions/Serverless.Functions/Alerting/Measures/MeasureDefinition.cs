namespace Serverless.Functions.Alerting.Measures;

/// <summary>A measure that rules may name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">How its figures are put together.</param>
/// <param name="Labels">The labels that it can be told apart by.</param>
/// <param name="Meaning">What it says, with its unit.</param>
public sealed record MeasureDefinition(string Name, MeasureKind Kind, IReadOnlyList<string> Labels, string Meaning);
