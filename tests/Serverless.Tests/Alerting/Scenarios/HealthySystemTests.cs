using Serverless.Tests.Scenarios;

namespace Serverless.Tests.Alerting.Scenarios;

public sealed class HealthySystemTests
{
    [Fact]
    public async Task A_system_that_is_well_tells_nobody_anything_for_an_hour()
    {
        await using var app = await ScenarioApp.StartAsync();
        await app.PassAsync(TimeSpan.FromMinutes(60), () => app.PostAsync(Traffic.Ordinary(app.Now)));
        Assert.Empty(app.Hook.Calls);
        Assert.Empty(app.FailedTimers);
        Assert.Equal("{\"status\":\"success\",\"data\":{\"alerts\":[]}}", (await app.App.GetAsync("/api/v1/alerts")).Text);
        var conservation = await app.ConservationAsync();
        Assert.True(conservation.GetProperty("conserved").GetBoolean(), conservation.ToString());
        Assert.Equal(60 * 110, conservation.GetProperty("minutes").EnumerateArray().Sum(minute => minute.GetProperty("accepted").GetInt64()));
    }

    /// <summary>Nights are quiet: one request in an hour is no reason for an alert either.</summary>
    [Fact]
    public async Task A_system_with_hardly_any_traffic_tells_nobody_anything()
    {
        await using var app = await ScenarioApp.StartAsync();
        for (var hour = 0; hour < 3; hour++)
        {
            await app.PostAsync(new Traffic(app.Now).AddShop());
            await app.PassAsync(TimeSpan.FromMinutes(30));
        }

        Assert.Empty(app.Hook.Calls);
    }
}
