namespace Serverless.Tracing.Assembly;

/// <summary>A stretch of time in which one span, and none below it, decided how long the trace took.</summary>
/// <param name="Span">The span's index in the tree.</param>
/// <param name="FromNs">The beginning, in nanoseconds since 1970, adjusted for skew.</param>
/// <param name="ToNs">The end, exclusive.</param>
public readonly record struct CriticalStretch(int Span, ulong FromNs, ulong ToNs)
{
    /// <summary>The length in nanoseconds.</summary>
    public long DurationNs => (long)(ToNs - FromNs);
}
