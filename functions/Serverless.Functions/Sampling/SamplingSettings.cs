namespace Serverless.Functions.Sampling;

/// <summary>What clients are told whose service has no strategy of its own; keys <c>Tracing:Sampling:Name</c>.</summary>
public sealed class SamplingSettings
{
    /// <summary>
    /// The part of the traces, 0 to 1. Jaeger's own default is 0.001, a guess at what a shared cluster bears: whoever tries it out sees no
    /// trace of the first hundred requests and looks for a mistake. Here a span costs a hundred-millionth of a dollar, so all are
    /// kept until somebody says otherwise.
    /// </summary>
    public double DefaultProbability { get; init; } = 1.0;
}
