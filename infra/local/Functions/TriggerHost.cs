using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Serverless.Local;

/// <summary>
/// Runs the event hub and timer functions from the start of the app to its stop. When the app stops nothing new begins;
/// what runs may go on for the grace, then its token is cancelled.
/// </summary>
internal sealed class TriggerHost(
    IServiceProvider services, LocalPlatform platform, RunnerSetup setup, FunctionCatalog catalog, HostFile host, IHostApplicationLifetime lifetime)
    : IHostedService, IDisposable
{
    // A function that does not heed its token cannot be waited for without end.
    private static readonly TimeSpan AfterAbort = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
    private readonly CancellationTokenSource _aborted = new();
    private readonly ILogger _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Host");
    private CancellationTokenRegistration _onStopping;
    private Task _listeners = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var executor = new FunctionExecutor(services, platform.Options.Clock, _stopping.Token, _aborted.Token);

        // The grace is wall time, and begins with the stop: not when the requests that are still running have ended.
        _onStopping = lifetime.ApplicationStopping.Register(() => _aborted.CancelAfter(setup.TriggerGrace));
        var listeners = new List<Func<Task>>();
        foreach (var function in catalog.Functions)
        {
            if (function.Trigger is TimerTriggerAttribute timer)
                listeners.Add(Timer(function, timer, executor).RunAsync);
            else if (function.Trigger is EventHubTriggerAttribute hub)
                listeners.AddRange(Partitions(function, hub, executor).Select(p => (Func<Task>)p.RunAsync));
        }

        _listeners = Task.WhenAll(listeners.Select(run => Task.Run(() => GuardAsync(run), CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _listeners.WaitAsync(setup.TriggerGrace + AfterAbort, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _logger.LogWarning("A function goes on although its token is cancelled; the host stops without it.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Where the start failed the host was never stopped.
        _stopping.Cancel();
        _aborted.Cancel();
        _onStopping.Dispose();
        _stopping.Dispose();
        _aborted.Dispose();
    }

    /// <summary>Checks the schedules, the hubs and the consumer groups; opens the hubs, so that a damaged one shows now.</summary>
    /// <exception cref="LocalPlatformException">Some cannot be used; the message says which and why.</exception>
    public static void Check(FunctionCatalog catalog, IConfiguration settings, LocalPlatform platform)
    {
        var errors = new List<string>();
        foreach (var function in catalog.Functions)
        {
            try
            {
                if (function.Trigger is TimerTriggerAttribute timer)
                    TimerSchedule.Parse(timer.Schedule, settings, platform.Options.Clock.GetUtcNow().UtcDateTime);
                if (function.Trigger is not EventHubTriggerAttribute hub)
                    continue;
                EventHubNames.CheckConsumerGroup(GroupOf(hub));
                EventHubNamespace.Of(platform).Hub(hub.EventHubName);
            }
            catch (Exception e) when (e is FormatException or ArgumentException or EventHubsException)
            {
                errors.Add($"Function '{function.Name}', parameter '{ParameterOf(function)}': {e.Message}");
            }
        }

        var readers = catalog.Functions.Where(f => f.Trigger is EventHubTriggerAttribute)
            .GroupBy(f => (Hub: ((EventHubTriggerAttribute)f.Trigger).EventHubName.ToLowerInvariant(), Group: GroupOf((EventHubTriggerAttribute)f.Trigger).ToLowerInvariant()));
        foreach (var group in readers.Where(g => g.Count() > 1))
        {
            errors.Add($"Functions {string.Join(", ", group.Select(f => $"'{f.Name}'"))} read hub '{group.Key.Hub}' as the same consumer group '{group.Key.Group}': "
                + "each event would reach only one of them. Give each its own ConsumerGroup.");
        }

        if (errors.Count > 0)
            throw FunctionCatalog.Refused(errors);
    }

    private static string GroupOf(EventHubTriggerAttribute trigger) => trigger.ConsumerGroup ?? "$Default";

    private static string ParameterOf(FunctionEntry function) => function.Parameters.First(p => p.Kind == ParameterKind.Trigger).Name;

    private TimerListener Timer(FunctionEntry function, TimerTriggerAttribute timer, FunctionExecutor executor)
    {
        var clock = platform.Options.Clock;
        var schedule = TimerSchedule.Parse(timer.Schedule, services.GetRequiredService<IConfiguration>(), clock.GetUtcNow().UtcDateTime);
        var file = new TimerStatusFile(Path.Combine(platform.Options.Folder, "timers", function.Name + ".json"));
        return new TimerListener(function, schedule, file, clock, executor, _logger);
    }

    private IEnumerable<PartitionListener> Partitions(FunctionEntry function, EventHubTriggerAttribute trigger, FunctionExecutor executor)
    {
        var hubs = EventHubNamespace.Of(platform);
        var hub = hubs.Hub(trigger.EventHubName);
        return hub.Partitions.Select(partition => new PartitionListener(
            function, new EventHubPosition(hub, partition, GroupOf(trigger), hubs.Checkpoints), host.EventHubs, platform, executor, _logger));
    }

    // A listener ends only with the host; anything else is a defect, which must be seen.
    private async Task GuardAsync(Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (Exception e)
        {
            _logger.LogCritical(e, "A trigger's listener failed; the host stops.");
            lifetime.StopApplication();
        }
    }
}
