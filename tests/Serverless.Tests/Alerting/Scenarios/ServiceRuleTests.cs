using Serverless.Tests.Scenarios;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Alerting.Scenarios;

/// <summary>The rules about the traced services, each over the whole app.</summary>
public sealed class ServiceRuleTests
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);
    private static readonly TimeSpan LastWeek = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task ParentsMissing_names_the_service_whose_spans_have_parents_that_never_come()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "ParentsMissing")
        {
            Labels = ["service=orders"],
            Ordinary = () => app.PostAsync(Orders(missing: 0)),
            Disturbed = () => app.PostAsync(Orders(missing: 8)),
        }.RunAsync();

        Traffic Orders(int missing)
        {
            var traffic = Traffic.Ordinary(app.Now);
            for (var i = 0; i < 30; i++)
                traffic.Add(new Traffic.Call("orders", Traffic.NextId(), Traffic.NextId(), i < missing ? Traffic.NextId() : 0, SpanKind.Server, app.Now.AddSeconds(-1), 5));
            return traffic;
        }
    }

    [Fact]
    public async Task PropagationBroken_names_the_service_that_does_not_forward_headers()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "PropagationBroken")
        {
            Labels = ["service=gateway"],
            Ordinary = () => app.PostAsync(Gateway(isForwarding: true)),
            Disturbed = () => app.PostAsync(Gateway(isForwarding: false)),
        }.RunAsync();

        // One call after the other; each asks a backend, which answers within it.
        Traffic Gateway(bool isForwarding)
        {
            var traffic = Traffic.Ordinary(app.Now);
            for (var i = 0; i < 20; i++)
            {
                var start = app.Now.AddSeconds(-5).AddMilliseconds(i * 50);
                var (trace, server, client) = (Traffic.NextId(), Traffic.NextId(), Traffic.NextId());
                var next = isForwarding ? trace : Traffic.NextId();
                traffic.Add(new Traffic.Call("gateway", trace, server, 0, SpanKind.Server, start, 40))
                    .Add(new Traffic.Call("gateway", next, client, isForwarding ? server : 0, SpanKind.Client, start.AddMilliseconds(5), 30))
                    .Add(new Traffic.Call("backend", next, Traffic.NextId(), client, SpanKind.Server, start.AddMilliseconds(7), 25));
            }

            return traffic;
        }
    }

    [Fact]
    public async Task ServiceSilent_names_the_service_that_sends_nothing_any_more()
    {
        await using var app = await ScenarioApp.StartAsync();
        await new AlertScenario(app, "ServiceSilent")
        {
            Labels = ["service=clock"],
            Before = TimeSpan.FromMinutes(20),
            Ordinary = () => app.PostAsync(Clock(60)),
            Disturbed = () => app.PostAsync(Clock(0)),
        }.RunAsync();

        Traffic Clock(int calls)
        {
            var traffic = Traffic.Ordinary(app.Now);
            for (var i = 0; i < calls; i++)
                traffic.Add(new Traffic.Call("clock", Traffic.NextId(), Traffic.NextId(), 0, SpanKind.Internal, app.Now.AddSeconds(-1), 1));
            return traffic;
        }
    }

    [Fact]
    public async Task ErrorRateAgainstLastWeek_names_the_service_that_fails_more_than_it_did()
    {
        await using var app = await LastWeekAsync();
        await new AlertScenario(app, "ErrorRateAgainstLastWeek")
        {
            Labels = ["service=shop"],
            Disturbed = () => app.PostAsync(Shop(app, errors: 8)),
        }.RunAsync();
    }

    [Fact]
    public async Task LatencyAgainstLastWeek_names_the_service_that_takes_longer_than_it_did()
    {
        await using var app = await LastWeekAsync();
        await new AlertScenario(app, "LatencyAgainstLastWeek")
        {
            Labels = ["service=shop", "service=cart"],
            Disturbed = () => app.PostAsync(Shop(app, slow: 10)),
        }.RunAsync();
    }

    /// <summary>An app that has been there last week at this time, and not since.</summary>
    private static async Task<ScenarioApp> LastWeekAsync()
    {
        var app = await ScenarioApp.StartAsync();
        await app.PassAsync(LastWeek, () => app.PostAsync(Traffic.Ordinary(app.Now)));
        app.Skip(Week - LastWeek);
        return app;
    }

    private static Traffic Shop(ScenarioApp app, int errors = 1, int slow = 0)
    {
        var traffic = Traffic.Ordinary(app.Now);
        for (var i = 0; i < 30; i++)
            traffic.AddShop(i < errors, i < slow ? 400 : 20);
        return traffic;
    }
}
