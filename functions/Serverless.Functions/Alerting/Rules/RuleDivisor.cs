namespace Serverless.Functions.Alerting.Rules;

/// <summary>What a rule divides its measure by.</summary>
/// <param name="Measure">The other measure, by the same labels or fewer of them.</param>
/// <param name="AtLeast">A divisor below it says nothing: there is no value then.</param>
public sealed record RuleDivisor(RuleMeasure Measure, double AtLeast);
