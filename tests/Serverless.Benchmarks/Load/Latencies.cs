using System.Diagnostics;

namespace Serverless.Benchmarks.Load;

/// <summary>Percentiles of durations, in milliseconds.</summary>
internal sealed record LatencySummary(int Count, double P50, double P90, double P99, double Max);

/// <summary>Durations of one kind of operation, all of them kept, so that percentiles are exact.</summary>
internal sealed class Latencies
{
    private readonly List<long> _ticks = [];

    /// <summary>Adds the time since a <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public void AddSince(long timestamp) => _ticks.Add(Stopwatch.GetTimestamp() - timestamp);

    /// <summary>Adds all of another's.</summary>
    public void Add(Latencies other) => _ticks.AddRange(other._ticks);

    /// <summary>The percentiles, or null when nothing was measured.</summary>
    public LatencySummary? Summarize()
    {
        if (_ticks.Count == 0)
            return null;
        var sorted = _ticks.ToArray();
        Array.Sort(sorted);
        return new LatencySummary(sorted.Length, At(sorted, 0.5), At(sorted, 0.9), At(sorted, 0.99), Milliseconds(sorted[^1]));
    }

    /// <summary>Nearest rank: the smallest value that at least this part of all values does not exceed.</summary>
    private static double At(long[] sorted, double part) => Milliseconds(sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)]);

    private static double Milliseconds(long ticks) => Math.Round(ticks * 1000.0 / Stopwatch.Frequency, 3);
}
