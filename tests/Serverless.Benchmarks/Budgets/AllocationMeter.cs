using System.Diagnostics;

namespace Serverless.Benchmarks.Budgets;

/// <summary>
/// Measures what one operation of a benchmark allocates. Allocations repeat exactly where times do not, so a few rounds do, and a check
/// in CI takes seconds instead of the minutes that BenchmarkDotNet takes for the same figure.
/// </summary>
internal static class AllocationMeter
{
    private const int LeastWarmupCalls = 3;
    private const int MaxWarmupCalls = 2000;
    private const int MaxCallsPerRound = 1000;
    private const int Rounds = 5;
    private static readonly TimeSpan WarmupTime = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(60);

    /// <summary>
    /// Bytes per operation on all threads: the least of several rounds, for what caches, pools and the runtime allocate now and then is not the operation's.
    /// </summary>
    public static long Measure(BenchmarkVariant.Invocation benchmark)
    {
        var warmups = 0;
        var start = Stopwatch.GetTimestamp();
        while (warmups < LeastWarmupCalls || (warmups < MaxWarmupCalls && Stopwatch.GetElapsedTime(start) < WarmupTime))
        {
            Call(benchmark, 1);
            warmups++;
        }

        // With a setup for each iteration an iteration is one call, as in BenchmarkDotNet.
        var perCall = Stopwatch.GetElapsedTime(start) / warmups;
        var calls = benchmark.Setup is not null || benchmark.Cleanup is not null
            ? 1
            : Math.Clamp((int)(RoundTime / (perCall + TimeSpan.FromTicks(1))), 1, MaxCallsPerRound);
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
            least = Math.Min(least, Call(benchmark, calls));
        return least / ((long)calls * benchmark.Operations);
    }

    private static long Call(BenchmarkVariant.Invocation benchmark, int calls)
    {
        benchmark.Setup?.Invoke();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < calls; i++)
            benchmark.Invoke();
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        benchmark.Cleanup?.Invoke();
        return allocated;
    }
}
