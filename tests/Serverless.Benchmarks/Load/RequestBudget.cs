using System.Diagnostics;

namespace Serverless.Benchmarks.Load;

/// <summary>Hands out requests to the senders until they are used up or the time is over, at the wanted rate.</summary>
internal sealed class RequestBudget(long? requests, double? seconds, double requestsPerSecond)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _taken;

    /// <summary>
    /// Takes the next request, waiting until it is due. <paramref name="due"/> is the <see cref="Stopwatch.GetTimestamp"/> from which to measure its
    /// latency: with a rate, when it should have been sent, so that a slow server is not measured less often (coordinated omission).
    /// </summary>
    public bool TryTake(CancellationToken cancellation, out long due)
    {
        due = Stopwatch.GetTimestamp();
        var number = Interlocked.Increment(ref _taken) - 1;
        if (number >= requests || cancellation.IsCancellationRequested)
            return false;
        if (requestsPerSecond > 0)
        {
            due = _start + (long)(number / requestsPerSecond * Stopwatch.Frequency);
            if (seconds is { } limit && Stopwatch.GetElapsedTime(_start, due).TotalSeconds >= limit)
                return false;
            var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            return wait <= TimeSpan.Zero || !cancellation.WaitHandle.WaitOne(wait);
        }

        return seconds is not { } end || Stopwatch.GetElapsedTime(_start).TotalSeconds < end;
    }
}
