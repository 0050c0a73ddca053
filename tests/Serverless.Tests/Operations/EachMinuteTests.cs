using System.Globalization;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tests.Scenarios;

namespace Serverless.Tests.Operations;

public sealed class EachMinuteTests
{
    [Fact]
    public async Task What_fails_does_not_keep_the_rest_from_being_done()
    {
        await using var app = await ScenarioApp.StartAsync();
        app.Faults.Add(new Fault("table.query", FaultKind.Fail, Target: DayTables.Fragments + "*"));
        await app.PassAsync(TimeSpan.FromMinutes(3), () => app.PostAsync(Traffic.Ordinary(app.Now)));

        Assert.NotEmpty(app.FailedTimers);
        Assert.All(app.FailedTimers, failed => Assert.StartsWith("EachMinuteFunction: ", failed, StringComparison.Ordinal));
        Assert.True(await EvaluatedAsync(app) >= app.Now.AddMinutes(-1));
        Assert.Contains(await app.LedgerAsync("groupBy=stage"), row => row.Contains("finalized", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_takes_long_does_not_keep_alerts_from_being_evaluated()
    {
        await using var app = await ScenarioApp.StartAsync();
        await app.PassAsync(TimeSpan.FromMinutes(2), () => app.PostAsync(Traffic.Ordinary(app.Now)));
        app.Faults.Add(new Fault("table.query", FaultKind.Delay, Count: 1, Delay: TimeSpan.FromSeconds(90), Target: DayTables.Fragments + "*"));
        var before = app.Now;
        await app.PassAsync(TimeSpan.FromMinutes(1));
        Assert.True(app.Now >= before.AddSeconds(120), "The run did not wait for what took long.");
        Assert.True(await EvaluatedAsync(app) >= app.Now.AddMinutes(-1));
    }

    private static async Task<DateTimeOffset> EvaluatedAsync(ScenarioApp app)
    {
        var rules = await app.App.GetJsonAsync("/api/v1/rules");
        return rules.GetProperty("data").GetProperty("groups").EnumerateArray()
            .Max(group => DateTimeOffset.Parse(group.GetProperty("lastEvaluation").GetString()!, CultureInfo.InvariantCulture));
    }
}
