namespace Serverless.Tests.Alerting;

/// <summary>A clock that stands until it is moved; its timers are the system's.</summary>
internal sealed class AlertClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan time) => _now += time;
}
