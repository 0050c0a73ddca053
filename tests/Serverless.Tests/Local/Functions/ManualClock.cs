namespace Serverless.Tests.Local.Functions;

/// <summary>A clock that stands still until it is advanced; timers that come due then fire on the caller's thread, in order.</summary>
internal sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = start;
    private int _created;

    /// <summary>How many timers there have been.</summary>
    public int Created => Volatile.Read(ref _created);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state, Interlocked.Increment(ref _created));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan time)
    {
        var end = GetUtcNow() + time;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                _now = next?.Due > _now ? next.Due.Value : next is null ? end : _now;
                next?.Schedule(_timers, _now);
            }

            if (next is null)
                return;
            next.Fire();
        }
    }

    /// <summary>Waits until someone waits for exactly this time from now, with a timer made after so many others.</summary>
    public Task WaitForTimerAsync(TimeSpan due, int after = 0) => WaitForTimerAsync(d => d == due, $"a timer that is due in {due}", after);

    public async Task<TimeSpan> WaitForTimerAsync(Func<TimeSpan, bool> isDue, string what, int after = 0)
    {
        var found = TimeSpan.Zero;
        await Poll.UntilAsync(
            () =>
            {
                lock (_gate)
                {
                    var match = _timers.FirstOrDefault(t => t.Number > after && t.Due is { } due && isDue(due - _now));
                    found = match is null ? TimeSpan.Zero : match.Due!.Value - _now;
                    return match is not null;
                }
            },
            () =>
            {
                lock (_gate)
                    return $"{what}; there are {string.Join(", ", _timers.Select(t => t.Due - _now))}";
            });
        return found;
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state, int number) : ITimer
    {
        private TimeSpan _period;

        public int Number => number;

        public DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                _period = period;
                Due = dueTime < TimeSpan.Zero ? null : clock._now + dueTime;
                clock._timers.Remove(this);
                if (Due is not null)
                    clock._timers.Add(this);
            }

            return true;
        }

        public void Schedule(List<ManualTimer> timers, DateTimeOffset now)
        {
            if (_period > TimeSpan.Zero)
            {
                Due = now + _period;
                return;
            }

            Due = null;
            timers.Remove(this);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock._gate)
            {
                Due = null;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
