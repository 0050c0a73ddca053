namespace Serverless.Tracing.Aggregation;

/// <summary>What is counted of spans; each number may be negative in a difference.</summary>
/// <param name="Calls">How many spans there are.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="DurationNs">The durations of those that have one together, in nanoseconds.</param>
public readonly record struct RedSums(long Calls, long Errors, Int128 DurationNs)
{
    /// <summary>Adds up.</summary>
    public static RedSums operator +(RedSums x, RedSums y) => new(x.Calls + y.Calls, x.Errors + y.Errors, x.DurationNs + y.DurationNs);

    /// <summary>Adds up.</summary>
    public static RedSums Add(RedSums left, RedSums right) => left + right;
}
