using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Alerting;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Local;

namespace Serverless.Tests.Scenarios;

/// <summary>The app's timer functions, run at the times that their schedules name, when a <see cref="ScenarioClock"/> gets there.</summary>
internal sealed class ScenarioTimers
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Unhurried = TimeSpan.FromSeconds(3);

    private readonly ScenarioClock _clock;
    private readonly AlertRound _alerts;
    private readonly List<(string Name, TimerSchedule Schedule, Func<Task> Run)> _timers = [];

    public ScenarioTimers(IServiceProvider services, ScenarioClock clock, IEnumerable<Type> types)
    {
        _clock = clock;
        _alerts = services.GetRequiredService<AlertRound>();
        foreach (var method in types.SelectMany(type => type.GetMethods()))
        {
            if (ScheduleOf(method) is not { } schedule)
                continue;
            var function = ActivatorUtilities.CreateInstance(services, method.DeclaringType!);
            var parsed = TimerSchedule.Parse(schedule, services.GetRequiredService<IConfiguration>(), clock.GetUtcNow().UtcDateTime);
            _timers.Add((method.DeclaringType!.Name, parsed, () => (Task)method.Invoke(function, [new TimerInfo(), CancellationToken.None])!));
        }
    }

    /// <summary>Runs of functions that the storage or the hub failed: the host logs them, and runs them again next time.</summary>
    public List<string> Failed { get; } = [];

    public static bool HasTimer(Type type) => type.GetMethods().Any(method => ScheduleOf(method) is not null);

    /// <summary>Runs once what became due after a time, the one that was due first before others.</summary>
    public async Task RunAsync(DateTimeOffset after, Func<Task> afterEach)
    {
        var due = _timers.Select(timer => (timer.Name, timer.Run, At: timer.Schedule.Next(after.UtcDateTime))).Where(timer => timer.At <= _clock.GetUtcNow().UtcDateTime)
            .OrderBy(timer => timer.At).ThenBy(timer => timer.Name, StringComparer.Ordinal);
        foreach (var (name, run, _) in due.ToArray())
        {
            try
            {
                await EndAsync(run());
            }
            catch (Exception e) when (e is StorageException or HubException || (e as AggregateException)?.InnerExceptions.All(inner => inner is StorageException or HubException) == true)
            {
                Failed.Add($"{name}: {e.Message}");
            }

            await afterEach();
        }
    }

    /// <summary>A function that waits for time to pass gets what it waits for.</summary>
    private async Task EndAsync(Task run)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!run.IsCompleted)
        {
            await Task.WhenAny(run, Task.Delay(20, CancellationToken.None));
            // A message that is waited for is waited for by nothing else.
            if (_alerts.WaitsUntil - _clock.GetUtcNow() is { } wait && wait > TimeSpan.Zero)
                _clock.Advance(wait);
            var took = TimeProvider.System.GetElapsedTime(began);
            Assert.True(took < Patience, $"A timer function did not end within {Patience}.");
            if (took > Unhurried)
                _clock.Advance(TimeSpan.FromSeconds(1));
        }

        await run;
    }

    private static string? ScheduleOf(MethodInfo method) => method.GetParameters()
        .Select(parameter => parameter.GetCustomAttribute<TimerTriggerAttribute>()?.Schedule).FirstOrDefault(schedule => schedule is not null);
}
