using Serverless.Tests.Local.Functions;

namespace Serverless.Tests.Scenarios;

/// <summary>
/// A clock that stands until it is moved, so that hours pass in seconds. Waits of a second or more end when it is moved that far; shorter ones are the
/// system's: what works on meanwhile, works at its own speed.
/// </summary>
internal sealed class ScenarioClock(DateTimeOffset start) : TimeProvider
{
    private static readonly TimeSpan ShortestMoved = TimeSpan.FromSeconds(1);

    private readonly ManualClock _moved = new(start);

    public override DateTimeOffset GetUtcNow() => _moved.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        dueTime >= ShortestMoved ? _moved.CreateTimer(callback, state, dueTime, period) : base.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan time) => _moved.Advance(time);
}
