namespace Serverless.Functions.Alerting.Store;

/// <summary>A condition on a label, in Alertmanager's shape.</summary>
/// <param name="Name">The label.</param>
/// <param name="Value">Its value or expression.</param>
/// <param name="IsRegex">Whether it is an expression.</param>
/// <param name="IsEqual">False where it must not match.</param>
public sealed record MatcherRecord(string Name, string Value, bool IsRegex = false, bool IsEqual = true);
