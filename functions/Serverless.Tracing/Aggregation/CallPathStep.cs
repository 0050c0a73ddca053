namespace Serverless.Tracing.Aggregation;

/// <summary>A step of a <see cref="CallPath"/>: a service is entered.</summary>
/// <param name="Service">The service.</param>
/// <param name="Operation">The name of the span with which it is.</param>
public sealed record CallPathStep(string Service, string Operation);
