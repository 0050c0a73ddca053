using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions;
using Serverless.Functions.Accounting;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tests.Alerting;
using Serverless.Tests.Local.Functions;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Scenarios;

/// <summary>
/// The whole app over a hub and tables of its own, with the alert rules as they are shipped, a receiver of notifications, and a clock that is moved by hand. Its
/// functions are triggered by the hub as ever; its timers run when the clock gets there.
/// </summary>
internal sealed class ScenarioApp : IAsyncDisposable
{
    /// <summary>How far the clock is moved at once: rules are evaluated so often.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    // Batches are not waited for: time does not pass by itself.
    private const string HostJson =
        """{"version":"2.0","extensions":{"http":{"routePrefix":""},"eventHubs":{"maxEventBatchSize":100,"minEventBatchSize":1,"batchCheckpointFrequency":1}}}""";

    private static readonly DateTimeOffset Noon = new(2026, 3, 11, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly Type[] Types = [.. FunctionCatalog.TypesOf(typeof(TracingServices).Assembly)];

    private readonly string _folder = Directory.CreateTempSubdirectory("scenario-").FullName;
    private readonly string[] _settings;
    private ScenarioTimers _timers = null!;
    private int _lastMinute = -1;
    private int _finalizerStruck;
    private DateTimeOffset _timersRanAt = Noon;

    private ScenarioApp(HookReceiver hook, string[] settings)
    {
        Hook = hook;
        _settings = settings;
    }

    public ScenarioClock Clock { get; } = new(Noon);

    public HookReceiver Hook { get; }

    public QueryApp App { get; private set; } = null!;

    public FaultPlan Faults => App.Faults;

    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>Whether the assembler is not to be waited for: something holds it up.</summary>
    public bool IsAssemblerHeld { get; set; }

    /// <summary>The fault that holds the finalizer up: instead of its end, the next try that fails is waited for.</summary>
    public Fault? HoldsFinalizer { get; set; }

    /// <summary>Runs of timer functions that failed.</summary>
    public IReadOnlyList<string> FailedTimers => _timers.Failed;

    public static async Task<ScenarioApp> StartAsync(params string[] settings)
    {
        var app = new ScenarioApp(await HookReceiver.StartAsync(), settings);
        await app.OpenAsync([]);
        return app;
    }

    /// <summary>Ends the app as a stop of the host does, and starts another one over the same data.</summary>
    public async Task RestartAsync(params string[] settings)
    {
        await App.DisposeAsync();
        await OpenAsync(settings);
    }

    /// <summary>The same, and the assembler's checkpoints are so many events behind: it gets them again.</summary>
    public async Task RestartBehindAsync(int events)
    {
        await App.DisposeAsync();
        await using (var platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder, Clock = Clock }))
        {
            var hubs = EventHubNamespace.Of(platform);
            foreach (var partition in hubs.Hub("spans").Partitions)
            {
                if (hubs.Checkpoints.Get("spans", "assembler", partition.Id) is { } at)
                    await hubs.Checkpoints.SetAsync("spans", "assembler", partition.Id, Math.Max(-1, at - events), CancellationToken.None);
            }
        }

        await OpenAsync([]);
    }

    /// <summary>What receivers were told so far, in order.</summary>
    public IReadOnlyList<Notice> Notices() => [.. Hook.Taken.Where(call => call.Path == "/alerts")
        .SelectMany(call => call.Json.GetProperty("alerts").EnumerateArray()).Select(Notice.Of)];

    /// <summary>Lets time pass, step by step; at the beginning of each minute something may be done.</summary>
    public async Task PassAsync(TimeSpan time, Func<Task>? eachMinute = null)
    {
        var end = Now + time;
        while (Now < end)
        {
            if (eachMinute is not null && Now.Minute != _lastMinute)
            {
                _lastMinute = Now.Minute;
                await eachMinute();
            }

            await AssembledAsync();
            var struck = Volatile.Read(ref _finalizerStruck);
            Clock.Advance(Step);
            await AssembledAsync();
            await FinalizerTriedAsync(struck);
            var before = _timersRanAt;
            _timersRanAt = Now;
            await _timers.RunAsync(before, FinalizedAsync);
        }
    }

    /// <summary>As <see cref="PassAsync"/>, until something is so; not longer than a time.</summary>
    public async Task UntilAsync(Func<bool> isSo, TimeSpan atMost, Func<Task>? eachMinute, string what)
    {
        var end = Now + atMost;
        while (!isSo())
        {
            Assert.True(Now < end, $"Not within {atMost}: {what}. Told was:\n{string.Join('\n', Notices())}\n{string.Join('\n', _timers.Failed.Distinct())}");
            await PassAsync(Step, eachMinute);
        }
    }

    /// <summary>Adds a fault.</summary>
    /// <returns>Waits until it has struck.</returns>
    public Func<Task> Break(Fault fault)
    {
        var struck = 0;
        Faults.Struck += (what, _) => Interlocked.Add(ref struck, ReferenceEquals(what, fault) ? 1 : 0);
        Faults.Add(fault);
        return () => Poll.UntilAsync(() => Volatile.Read(ref struck) > 0, $"fault {fault} to strike");
    }

    /// <summary>Waits for something that waits for time to pass.</summary>
    public async Task<T> WhileTimePassesAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            await Task.WhenAny(task, Task.Delay(10, CancellationToken.None));
            if (!task.IsCompleted)
                Clock.Advance(TimeSpan.FromSeconds(1));
        }

        return await task;
    }

    /// <summary>Moves the clock at once, as if nobody had been there in the meantime.</summary>
    public void Skip(TimeSpan time)
    {
        Clock.Advance(time);
        _timersRanAt = Now;
    }

    /// <summary>Posts traffic as it is at any time, and waits until the hub has it.</summary>
    public async Task PostAsync(Traffic traffic)
    {
        foreach (var (path, type, body) in traffic.Requests())
        {
            using var content = new ByteArrayContent(body);
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var answer = await App.Client.PostAsync(path, content, CancellationToken.None);
            Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(CancellationToken.None)}");
        }
    }

    /// <summary>Waits until all that the hub has is assembled, unless the assembler is held.</summary>
    public Task AssembledAsync() => IsAssemblerHeld ? Task.CompletedTask : DrainedAsync("spans", "assembler");

    /// <summary>Waits until all that was planned is finalized, unless the finalizer is held.</summary>
    public Task FinalizedAsync() => HoldsFinalizer is not null ? Task.CompletedTask : DrainedAsync("finalize", "finalizer");

    /// <summary>The rows of a ledger query as texts.</summary>
    public async Task<IReadOnlyList<string>> LedgerAsync(string query) =>
    [
        .. (await App.GetJsonAsync("/api/ledger?" + query)).GetProperty("rows").EnumerateArray()
            .Select(row => string.Join(' ', row.EnumerateObject().Select(member => member.Value.ToString()))),
    ];

    /// <summary>The balance of the last hours as the API tells it.</summary>
    public Task<JsonElement> ConservationAsync() => App.GetJsonAsync($"/api/ledger/conservation?start={Uri.EscapeDataString(Now.AddHours(-6).ToString("O"))}");

    public TableStorage Storage => App.Services.GetRequiredService<TableStorage>();

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Hook.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync(string[] settings)
    {
        App = await QueryApp.StartAsync(
            new QueryAppOptions { Clock = Clock, HostJson = HostJson, Takes = type => !ScenarioTimers.HasTimer(type), Folder = _folder },
            [
                "--partitions", "2",
                "--Tracing:Alerts:RulesFolder", Path.Combine(RepositoryRoot(), "queries", "alerts"),
                "--Tracing:Alerts:AllowedHosts:0", $"http://{Hook.Host}",
                "--Tracing:Alerts:Receivers:0:Name", "hook", "--Tracing:Alerts:Receivers:0:Type", "webhook", "--Tracing:Alerts:Receivers:0:Url", Hook.Url + "/alerts",
                .. _settings, .. settings,
            ]);
        App.Services.GetRequiredService<SpanCounters>().Work.Clock = Clock;
        // What is planned is planned by the timers, in their time.
        await App.Services.GetRequiredService<PromptPlanner>().StopAsync(CancellationToken.None);
        Faults.Struck += (what, _) => Interlocked.Add(ref _finalizerStruck, ReferenceEquals(what, HoldsFinalizer) ? 1 : 0);
        _timers = new ScenarioTimers(App.Services, Clock, Types);
    }

    private Task DrainedAsync(string hub, string group) =>
        WaitAsync(() => IsDrained(hub, group), $"The {group} did not come to the end of hub {hub}");

    /// <summary>What is tried in each step at least once must have been tried, however slow the machine is: alerts count the tries.</summary>
    private Task FinalizerTriedAsync(int struck) => HoldsFinalizer is null
        ? Task.CompletedTask
        : WaitAsync(() => IsDrained("finalize", "finalizer") || Volatile.Read(ref _finalizerStruck) > struck, "The finalizer did not try again");

    private bool IsDrained(string hub, string group)
    {
        var hubs = EventHubNamespace.Of(App.Platform);
        return hubs.Hub(hub).Partitions.All(partition => (hubs.Checkpoints.Get(hub, group, partition.Id) ?? -1) >= partition.LastEnqueuedSequenceNumber);
    }

    private async Task WaitAsync(Func<bool> isSo, string orElse)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            var took = TimeProvider.System.GetElapsedTime(began);
            Assert.True(took < Patience, $"{orElse} within {Patience}.");
            // What waits for long to try again gets the time that it waits for; what is only slow must not get too much of it.
            var isSlow = took > TimeSpan.FromSeconds(2);
            if (isSlow)
                Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(isSlow ? 100 : 2, CancellationToken.None);
        }
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
            folder = folder.Parent;
        Assert.NotNull(folder);
        return folder.FullName;
    }
}
