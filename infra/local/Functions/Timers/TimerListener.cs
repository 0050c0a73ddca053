using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Serverless.Local;

/// <summary>Runs one timer function at its times, one run after the other.</summary>
internal sealed class TimerListener(
    FunctionEntry function, TimerSchedule schedule, TimerStatusFile file, TimeProvider clock, FunctionExecutor executor, ILogger logger)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1); // so that a changed system clock is noticed

    private readonly TimerTriggerAttribute _trigger = (TimerTriggerAttribute)function.Trigger;
    private bool _monitored;
    private ScheduleStatus? _status;
    private DateTime _next;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Runs the function until the host stops.</summary>
    public async Task RunAsync()
    {
        var start = Now;
        _monitored = _trigger.UseMonitor && schedule.CanBeMonitored(start);
        _status = _monitored ? file.Read(schedule.Text) : null;
        if (_status is not null && _status.Next <= start)
            await RunOnceAsync(isPastDue: true);
        else if (_trigger.RunOnStartup)
            await RunOnceAsync(isPastDue: false);
        else if (_status is null)
            Plan(start, default);
        else
            _next = _status.Next;

        while (await WaitUntilAsync(_next))
            await RunOnceAsync(isPastDue: false);
    }

    private async Task<bool> WaitUntilAsync(DateTime next)
    {
        try
        {
            for (var left = next - Now; left > TimeSpan.Zero; left = next - Now)
                await Task.Delay(left < LongestWait ? left : LongestWait, clock, executor.Stopping);
            return !executor.Stopping.IsCancellationRequested;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task RunOnceAsync(bool isPastDue)
    {
        var began = Now;
        var outcome = await executor.RunAsync(function, new TimerInfo { IsPastDue = isPastDue, ScheduleStatus = _monitored ? _status ?? new ScheduleStatus() : null });
        if (outcome != RunOutcome.Abandoned)
            Plan(Now, began);
    }

    private void Plan(DateTime now, DateTime last)
    {
        _next = schedule.Next(now);
        if (!_monitored)
            return;
        _status = new ScheduleStatus { Last = last, Next = _next, LastUpdated = now };
        try
        {
            file.Write(schedule.Text, _status);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(e, "The state of timer '{Function}' could not be written.", function.Name);
        }
    }
}
