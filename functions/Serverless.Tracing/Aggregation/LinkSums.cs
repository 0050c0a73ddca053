namespace Serverless.Tracing.Aggregation;

/// <summary>What is counted of calls between two services; each number may be negative in a difference.</summary>
/// <param name="Calls">How many calls there were.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="TimedCalls">How many of them have a known duration.</param>
/// <param name="DurationNs">The durations of the timed calls together, in nanoseconds.</param>
public readonly record struct LinkSums(long Calls, long Errors, long TimedCalls, Int128 DurationNs)
{
    /// <summary>Adds up.</summary>
    public static LinkSums operator +(LinkSums x, LinkSums y) =>
        new(x.Calls + y.Calls, x.Errors + y.Errors, x.TimedCalls + y.TimedCalls, x.DurationNs + y.DurationNs);

    /// <summary>Adds up.</summary>
    public static LinkSums Add(LinkSums left, LinkSums right) => left + right;
}
