using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Evaluation;

/// <summary>What a rule's evaluation gave for one combination of labels.</summary>
/// <param name="Labels">The labels.</param>
/// <param name="Value">The value that is compared.</param>
/// <param name="IsTrue">Whether the condition is met.</param>
public sealed record RuleValue(LabelSet Labels, double Value, bool IsTrue)
{
    /// <summary>What there is to say besides the value; null for nothing.</summary>
    public string? Detail { get; init; }
}
