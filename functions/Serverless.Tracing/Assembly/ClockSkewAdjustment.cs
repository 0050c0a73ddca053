namespace Serverless.Tracing.Assembly;

/// <summary>The times of a trace's spans after their hosts' clocks were set to each other. The spans themselves are as they were.</summary>
public sealed class ClockSkewAdjustment
{
    private readonly TraceTree _tree;
    private readonly long[] _starts;
    private readonly long[] _ends;
    private readonly long[] _amounts;

    internal ClockSkewAdjustment(TraceTree tree, long[] starts, long[] ends, long[] amounts, List<HostSkew> skews)
    {
        _tree = tree;
        _starts = starts;
        _ends = ends;
        _amounts = amounts;
        Skews = skews;
    }

    /// <summary>Each pair of hosts between which a call shows a skew, also where it was not applied.</summary>
    public IReadOnlyList<HostSkew> Skews { get; }

    /// <summary>When the span began, in nanoseconds since 1970; 0 where that is not known. Not after the year 2262.</summary>
    public ulong StartOf(int span) => (ulong)_starts[span];

    /// <summary>When the span ended, in nanoseconds since 1970: its start where its duration is unknown or negative.</summary>
    public ulong EndOf(int span) => (ulong)_ends[span];

    /// <summary>What was added to the span's times, in nanoseconds; 0 for what was left as it was.</summary>
    public long AmountOf(int span) => _amounts[span];

    internal TraceTree Tree => _tree;

    internal ReadOnlySpan<long> Starts => _starts;

    internal ReadOnlySpan<long> Ends => _ends;

    internal bool HasStart(int span) => _tree[span].HasStart;
}
