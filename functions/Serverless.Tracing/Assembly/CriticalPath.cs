namespace Serverless.Tracing.Assembly;

/// <summary>What decided the duration of a trace, and the time that each span spent itself.</summary>
/// <remarks>
/// The walk is Jaeger's (<c>CriticalPath</c> of its UI): from the end of the root back in time, always into the child that finished last before the
/// point reached. Children are cut to the time of their parent; those outside it, and those that nobody waits for
/// (<see cref="TraceTree.IsAsync"/>), are left out with all that is below them. Spans without a start are left out too.
/// </remarks>
public sealed class CriticalPath
{
    private readonly long[] _selfNs;
    private readonly long[] _criticalNs;

    private CriticalPath(List<CriticalStretch> stretches, long[] selfNs)
    {
        Stretches = stretches;
        _selfNs = selfNs;
        _criticalNs = new long[selfNs.Length];
        foreach (var stretch in stretches)
            _criticalNs[stretch.Span] += stretch.DurationNs;
    }

    /// <summary>The stretches by time, each beginning where the one before ends; together exactly the time of <see cref="TraceTree.Top"/>.</summary>
    public IReadOnlyList<CriticalStretch> Stretches { get; }

    /// <summary>The time of the span in which no child that it waits for ran, in nanoseconds.</summary>
    public long SelfNsOf(int span) => _selfNs[span];

    /// <summary>The time of the span that is on the critical path, in nanoseconds; 0 for a span that is not on it.</summary>
    public long CriticalNsOf(int span) => _criticalNs[span];

    /// <summary>Finds the path of a trace by its adjusted times.</summary>
    public static CriticalPath Find(ClockSkewAdjustment times)
    {
        ArgumentNullException.ThrowIfNull(times);
        return new CriticalPath(new CriticalPathWalk(times).Walk(), SelfTimes.Of(times));
    }
}
