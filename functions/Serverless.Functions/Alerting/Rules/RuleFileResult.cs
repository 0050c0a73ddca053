namespace Serverless.Functions.Alerting.Rules;

/// <summary>What reading a rule's file gave: a rule, or all that is wrong.</summary>
/// <param name="File">The file, without folder.</param>
/// <param name="Rule">The rule, where nothing is wrong.</param>
/// <param name="Errors">What is wrong.</param>
public sealed record RuleFileResult(string File, AlertRule? Rule, IReadOnlyList<RuleError> Errors);
