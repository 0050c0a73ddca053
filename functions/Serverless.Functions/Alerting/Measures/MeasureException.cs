namespace Serverless.Functions.Alerting.Measures;

/// <summary>A measure cannot be read now: a rule that needs it cannot be evaluated.</summary>
/// <param name="message">Why, and what to do.</param>
/// <param name="inner">What it comes from.</param>
public sealed class MeasureException(string message, Exception? inner = null) : Exception(message, inner);
