namespace Serverless.Functions.Accounting;

/// <summary>
/// Counts executions, and for how long they keep an instance busy: that is what the Flex Consumption plan bills. Executions of one group that run at the
/// same time are billed together: HTTP functions share instances, every other function has its own.
/// </summary>
/// <remarks>
/// "Estimating consumption-based costs", Microsoft Learn: of an instance that runs on demand the time is billed in which it executes functions, at least 1,000 ms, then
/// rounded up to 100 ms. An execution that begins within the second that is billed anyway goes on with that one.
/// </remarks>
public sealed class ExecutionMeter(WorkCounts work, TimeProvider clock)
{
    /// <summary>The group of HTTP functions.</summary>
    public const string Http = "http";

    private const long LeastMilliseconds = 1_000;
    private const long StepMilliseconds = 100;

    // Of a group that is never idle, so much is told at once.
    private const long TellEveryMilliseconds = 2_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Busy> _groups = new(StringComparer.Ordinal);

    /// <summary>An execution begins.</summary>
    public void Begin(string group)
    {
        var now = clock.GetTimestamp();
        lock (_gate)
        {
            if (!_groups.TryGetValue(group, out var busy))
                _groups.Add(group, busy = new Busy());
            if (busy.Running++ == 0 && (!busy.HasBegun || Milliseconds(busy.Since, now) >= busy.Billed))
            {
                busy.HasBegun = true;
                busy.Since = now;
                busy.Billed = 0;
            }
        }
    }

    /// <summary>An execution ends.</summary>
    public void End(string group, string function)
    {
        work.Add(WorkCounts.Executions, function);
        var now = clock.GetTimestamp();
        long more;
        lock (_gate)
        {
            var busy = _groups[group];
            busy.Running--;
            var milliseconds = Milliseconds(busy.Since, now);
            if (busy.Running > 0 && milliseconds < busy.Billed + TellEveryMilliseconds)
                return;
            var due = Math.Max(LeastMilliseconds, (milliseconds + StepMilliseconds - 1) / StepMilliseconds * StepMilliseconds);
            more = due - busy.Billed;
            if (more <= 0)
                return;
            busy.Billed = due;
        }

        work.Add(WorkCounts.ExecutionMilliseconds, group, more);
    }

    private long Milliseconds(long since, long now) => (long)Math.Ceiling(clock.GetElapsedTime(since, now).TotalMilliseconds);

    private sealed class Busy
    {
        public int Running { get; set; }

        public bool HasBegun { get; set; }

        public long Since { get; set; }

        public long Billed { get; set; }
    }
}
