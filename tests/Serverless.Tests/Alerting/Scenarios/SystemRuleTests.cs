using System.Net;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tests.Scenarios;

namespace Serverless.Tests.Alerting.Scenarios;

/// <summary>The rules about the system's own work, each over the whole app.</summary>
public sealed class SystemRuleTests
{
    private const int Tries = 4;
    private const int Throttled = 12;

    [Fact]
    public async Task BatchFailures_tells_of_tries_that_the_tables_fail()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "BatchFailures")
        {
            Labels = ["stage=assemble"],
            Breaks = async () =>
            {
                app.Faults.Add(new Fault("table.transaction", FaultKind.Fail, Count: Tries, Target: DayTables.Spans + "*"));
                await app.PostAsync(Traffic.Ordinary(app.Now));
            },
        }.RunAsync();
    }

    [Fact]
    public async Task StorageThrottled_tells_of_reads_that_the_tables_put_off()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "StorageThrottled")
        {
            Labels = ["operation=read"],
            Breaks = async () =>
            {
                app.Faults.Add(new Fault("table.query", FaultKind.Throttle, Target: DayTables.Search + "*"));
                for (var i = 0; i < Throttled; i++)
                    Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.App.GetAsync("/api/v2/traces?serviceName=shop")).Status);
                app.Faults.Clear();
            },
        }.RunAsync();
    }

    /// <summary>What is put off is tried again, and so counts as a try that failed.</summary>
    [Fact]
    public async Task StorageThrottled_tells_of_writes_that_the_tables_put_off()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "StorageThrottled")
        {
            Labels = ["operation=write"],
            Breaks = async () =>
            {
                app.Faults.Add(new Fault("table.transaction", FaultKind.Throttle, Count: Throttled, Target: DayTables.Spans + "*"));
                await app.PostAsync(Traffic.Ordinary(app.Now));
            },
            Also = ["BatchFailures"],
        }.RunAsync();
    }

    [Fact]
    public async Task QueueLatencyHigh_tells_of_tables_that_take_long()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "QueueLatencyHigh")
        {
            Labels = [""],
            Breaks = () =>
            {
                app.IsAssemblerHeld = true;
                app.Faults.Add(new Fault("table.transaction", FaultKind.Delay, Delay: ScenarioApp.Step, Target: DayTables.Search + "*"));
                return Task.CompletedTask;
            },
            Heals = () =>
            {
                app.Faults.Clear();
                app.IsAssemblerHeld = false;
                return Task.CompletedTask;
            },
        }.RunAsync();
    }

    /// <summary>When what waited is stored at last, its latency is what it is.</summary>
    [Fact]
    public async Task HubLagging_names_the_partitions_whose_events_wait()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "HubLagging")
        {
            Labels = ["hub=spans partition=0", "hub=spans partition=1"],
            Breaks = async () =>
            {
                app.IsAssemblerHeld = true;
                app.Faults.Add(new Fault("table.transaction", FaultKind.Delay, Delay: TimeSpan.FromMinutes(7), Target: DayTables.Search + "*"));
                await app.PostAsync(Traffic.Ordinary(app.Now));
            },
            Heals = async () =>
            {
                app.Faults.Clear();
                await app.PassAsync(TimeSpan.FromMinutes(3));
                app.IsAssemblerHeld = false;
            },
            Also = ["QueueLatencyHigh"],
        }.RunAsync();
    }

    /// <summary>The finalizer tries without an end: that it does is told as well.</summary>
    [Fact]
    public async Task ExportBehind_tells_that_the_analytics_hub_takes_nothing()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "ExportBehind")
        {
            Labels = [""],
            Breaks = () =>
            {
                app.HoldsFinalizer = new Fault("hub.send", FaultKind.Fail, Target: AnalyticsHub.Name);
                app.Faults.Add(app.HoldsFinalizer);
                return Task.CompletedTask;
            },
            Heals = () =>
            {
                app.Faults.Clear();
                app.HoldsFinalizer = null;
                return Task.CompletedTask;
            },
            Also = ["BatchFailures"],
        }.RunAsync();
    }

    [Fact]
    public async Task ProberFailing_names_the_protocols_that_do_not_get_through()
    {
        await using var proxy = await ProberProxy.StartAsync();
        await using var app = await ScenarioApp.StartAsync("--Tracing:Probe:Url", proxy.Url);
        proxy.Target = app.App.Client.BaseAddress;
        await new AlertScenario(app, "ProberFailing")
        {
            Labels = ["finding=refused protocol=jaeger_thrift"],
            Ordinary = () => Task.CompletedTask,
            Breaks = () =>
            {
                proxy.Refuses = path => path == "/api/traces";
                return Task.CompletedTask;
            },
            Heals = () =>
            {
                proxy.Refuses = _ => false;
                return Task.CompletedTask;
            },
        }.RunAsync();
        var probes = await app.App.GetJsonAsync("/api/probes?limit=600");
        Assert.Equal(0, probes.GetProperty("pending").GetInt32());
        var failed = probes.GetProperty("probes").EnumerateArray().Where(probe => probe.GetProperty("state").GetString() != "complete").ToList();
        Assert.All(failed, probe => Assert.Equal(("jaeger_thrift", "refused"), (probe.GetProperty("protocol").GetString(), probe.GetProperty("finding").GetString())));
        Assert.InRange(failed.Count, 2, 10);
        Assert.Equal(probes.GetProperty("finished").GetInt32() - failed.Count, probes.GetProperty("complete").GetInt32());
    }
}
