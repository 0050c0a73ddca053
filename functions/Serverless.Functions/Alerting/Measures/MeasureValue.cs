using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Measures;

/// <summary>A figure of one combination of labels.</summary>
/// <param name="Labels">The labels that were asked for, and no others.</param>
/// <param name="Value">The figure, in the measure's unit.</param>
public sealed record MeasureValue(LabelSet Labels, double Value);
