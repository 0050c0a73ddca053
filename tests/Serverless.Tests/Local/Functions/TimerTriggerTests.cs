using Microsoft.Azure.Functions.Worker;

namespace Serverless.Tests.Local.Functions;

public sealed class TimerTriggerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 59, 0, TimeSpan.Zero);

    private readonly ManualClock _clock = new(Start);
    private readonly string _folder = TestRunner.NewFolder();
    private readonly TestProbe _probe = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_timer_runs_at_its_times_and_is_told_its_schedule()
    {
        await using var runner = await Run<Hourly>();
        await _clock.WaitForTimerAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(_probe.Notes);
        await NextAsync(1, TimeSpan.FromMinutes(1));
        await NextAsync(2, TimeSpan.FromHours(1));
        Assert.Equal(["due last 00010101T000000 next 20260301T110000", "due last 20260301T110000 next 20260301T120000"], _probe.Notes);
    }

    [Fact]
    public async Task Runs_that_were_missed_are_made_up_for_by_one()
    {
        await using (await Run<Hourly>())
        {
            await NextAsync(1, TimeSpan.FromMinutes(1));
            await _clock.WaitForTimerAsync(TimeSpan.FromHours(1));
        }

        _clock.Advance(TimeSpan.FromHours(5.5));
        await using (await Run<Hourly>())
        {
            await _probe.UntilAsync(2);
            await NextAsync(3, TimeSpan.FromMinutes(30));
        }

        Assert.Equal(
            [
                "due last 00010101T000000 next 20260301T110000",
                "past due last 20260301T110000 next 20260301T120000",
                "due last 20260301T163000 next 20260301T170000",
            ],
            _probe.Notes);
    }

    [Fact]
    public async Task Nothing_is_made_up_for_when_nothing_was_missed()
    {
        await using (await Run<Hourly>())
            await _clock.WaitForTimerAsync(TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await using (await Run<Hourly>())
            await NextAsync(1, TimeSpan.FromSeconds(30));
        Assert.Equal(["due last 00010101T000000 next 20260301T110000"], _probe.Notes);
    }

    [Fact]
    public async Task Timers_under_a_minute_or_without_monitor_have_no_past_and_no_status()
    {
        Type[] types = [typeof(EveryTenSeconds), typeof(Unmonitored)];
        await using (await RunAll(types))
            await _clock.WaitForTimerAsync(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromHours(2));
        await using (await RunAll(types))
        {
            await NextAsync(1, TimeSpan.FromSeconds(10));
            Assert.Equal(["every ten, no status"], _probe.Notes);
        }

        Assert.False(Directory.Exists(Path.Combine(_folder, "timers")) && Directory.EnumerateFiles(Path.Combine(_folder, "timers")).Any());
    }

    [Fact]
    public async Task A_timer_may_also_run_on_startup()
    {
        await using var runner = await Run<OnStartup>();
        await _probe.UntilAsync(1);
        Assert.Equal(["startup False"], _probe.Notes);
    }

    [Fact]
    public async Task Runs_do_not_overlap_and_the_next_is_worked_out_when_one_ends()
    {
        var release = new TaskCompletionSource();
        _probe.OnNote = (_, _) => release.Task;
        await using var runner = await Run<Hourly>();
        await NextAsync(1, TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromHours(3.25));
        release.SetResult();
        await NextAsync(2, TimeSpan.FromMinutes(45));
        Assert.Equal(2, _probe.Notes.Count);
    }

    [Fact]
    public async Task An_exception_is_logged_and_the_schedule_goes_on()
    {
        _probe.OnNote = (_, _) => throw new InvalidOperationException("boom");
        await using var runner = await Run<Hourly>();
        await NextAsync(1, TimeSpan.FromMinutes(1));
        await NextAsync(2, TimeSpan.FromHours(1));
        Assert.Contains(runner.Log.Lines, l => l.StartsWith("Error Function.hourly: Function 'hourly' (", StringComparison.Ordinal)
            && l.EndsWith(") failed in attempt 1. InvalidOperationException boom", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_retry_policy_applies_within_a_run()
    {
        _probe.OnNote = (_, _) => throw new InvalidOperationException("boom");
        await using var runner = await Run<Retrying>();
        await NextAsync(1, TimeSpan.FromMinutes(1));
        await NextAsync(2, TimeSpan.FromSeconds(7));
        await NextAsync(3, TimeSpan.FromSeconds(7));
        await NextAsync(4, TimeSpan.FromHours(1) - TimeSpan.FromSeconds(14));
        Assert.Equal(["0/2", "1/2", "2/2", "0/2"], _probe.Notes);
    }

    [Fact]
    public async Task A_schedule_can_be_a_setting()
    {
        await using var runner = await TestRunner.StartAsync(
            [typeof(FromSetting)], _folder, clock: _clock, probe: _probe, configure: b => b.Configuration["When"] = "0 30 * * * *");
        await NextAsync(1, TimeSpan.FromMinutes(31));
    }

    private Task<TestRunner> Run<T>() => RunAll([typeof(T)]);

    private Task<TestRunner> RunAll(Type[] types) => TestRunner.StartAsync(types, _folder, clock: _clock, probe: _probe);

    private async Task NextAsync(int count, TimeSpan time)
    {
        await WaitAtMostAnHourAsync(time);
        Assert.Equal(count - 1, _probe.Notes.Count);
        _clock.Advance(time);
        await _probe.UntilAsync(count);
    }

    // The listener looks at the clock once an hour, so a longer wait shows as one of an hour.
    private Task WaitAtMostAnHourAsync(TimeSpan time) => _clock.WaitForTimerAsync(time < TimeSpan.FromHours(1) ? time : TimeSpan.FromHours(1));

    public sealed class Hourly(TestProbe probe)
    {
        [Function("hourly")]
        public Task Run([TimerTrigger("0 0 * * * *")] TimerInfo timer) => probe.NoteAsync(
            $"{(timer.IsPastDue ? "past due" : "due")} last {timer.ScheduleStatus!.Last:yyyyMMddTHHmmss} next {timer.ScheduleStatus.Next:yyyyMMddTHHmmss}");
    }

    public sealed class EveryTenSeconds(TestProbe probe)
    {
        [Function("ten")]
        public Task Run([TimerTrigger("*/10 * * * * *")] TimerInfo timer) =>
            probe.NoteAsync(timer is { ScheduleStatus: null, IsPastDue: false } ? "every ten, no status" : "status");
    }

    public sealed class Unmonitored(TestProbe probe)
    {
        [Function("unmonitored")]
        public Task Run([TimerTrigger("0 0 * * * *", UseMonitor = false)] TimerInfo timer) => probe.NoteAsync("unmonitored");
    }

    public sealed class OnStartup(TestProbe probe)
    {
        [Function("startup")]
        public Task Run([TimerTrigger("0 0 * * * *", RunOnStartup = true)] TimerInfo timer) => probe.NoteAsync($"startup {timer.IsPastDue}");
    }

    public sealed class Retrying(TestProbe probe)
    {
        [Function("retrying")]
        [FixedDelayRetry(2, "00:00:07")]
        public Task Run([TimerTrigger("0 0 * * * *")] TimerInfo timer, FunctionContext context) =>
            probe.NoteAsync($"{context.RetryContext.RetryCount}/{context.RetryContext.MaxRetryCount}");
    }

    public sealed class FromSetting(TestProbe probe)
    {
        [Function("setting")]
        public Task Run([TimerTrigger("%When%")] TimerInfo timer) => probe.NoteAsync("run");
    }
}
