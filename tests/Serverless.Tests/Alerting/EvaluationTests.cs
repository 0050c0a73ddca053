using Serverless.Functions.Alerting;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Tests.Alerting;

public sealed class EvaluationTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_alert_fires_and_is_resolved_once()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        bench.Drop("shop", 3);
        await bench.RunForAsync(6 * Minute);
        Assert.Equal(["firing shop", "resolved shop"], Told(hook));
        var alert = hook.Calls.First().Json.GetProperty("alerts")[0];
        Assert.Equal("shop lost 3 spans", alert.GetProperty("annotations").GetProperty("summary").GetString());
        Assert.Equal("tracing", alert.GetProperty("labels").GetProperty("team").GetString());
        Assert.Equal(["Ok>Firing", "sent", "Firing>Resolved", "sent", "Resolved>Ok"], await LinesAsync(bench, 20 * Minute));
    }

    [Fact]
    public async Task Every_change_is_told_once_whatever_the_storage_does()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        var random = new Random(7);
        bench.Table.FailsBefore = () => random.Next(4) == 0;
        for (var round = 0; round < 12; round++)
        {
            for (var service = 0; service < 5; service++)
            {
                if (random.Next(2) == 0)
                    bench.Drop($"service{service}");
            }

            await bench.RunForAsync(Minute);
        }

        bench.Table.FailsBefore = () => false;
        await bench.RunForAsync(10 * Minute);
        var changes = (await bench.HistoryAsync()).SelectMany(entry => entry.Changes).Where(change => change.To is AlertStatus.Firing or AlertStatus.Resolved)
            .Select(change => $"{change.To.ToString().ToLowerInvariant()} {change.Labels["service"]}").ToArray();
        Assert.True(changes.Length > 20, $"{changes.Length} changes");
        // A message comes again when it could not be noted that it was taken; its id says so.
        var told = hook.Calls.GroupBy(call => call.Headers["webhook-id"]).Select(call => call.First()).SelectMany(Lines).ToArray();
        Assert.Equal(changes.Order(), told.Order());
        foreach (var service in told.GroupBy(line => line.Split(' ')[1]))
            Assert.Equal(Enumerable.Range(0, service.Count()).Select(i => i % 2 == 0 ? "firing" : "resolved"), service.Select(line => line.Split(' ')[0]));
        Assert.DoesNotContain(bench.Table.Keys, key => key.StartsWith("outbox", StringComparison.Ordinal) || key.StartsWith("note", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_of_the_storage_that_is_lost_loses_no_change()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        var random = new Random(11);
        bench.Table.FailsAfter = () => random.Next(3) == 0;
        for (var round = 0; round < 8; round++)
        {
            if (round % 3 == 0)
                bench.Drop("shop");
            await bench.RunForAsync(Minute);
        }

        bench.Table.FailsAfter = () => false;
        await bench.RunForAsync(10 * Minute);
        // A message may come twice, when it is not known whether it was noted; its id says so.
        var unique = hook.Calls.GroupBy(call => call.Headers["webhook-id"]).Select(call => call.First()).SelectMany(Lines).ToArray();
        var changes = (await bench.HistoryAsync()).SelectMany(entry => entry.Changes).Count(change => change.To is AlertStatus.Firing or AlertStatus.Resolved);
        Assert.Equal(changes, unique.Length);
        Assert.Equal(Enumerable.Range(0, changes).Select(i => i % 2 == 0 ? "firing shop" : "resolved shop"), unique);
    }

    [Fact]
    public async Task Two_instances_at_once_tell_a_change_once()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        for (var round = 0; round < 30; round++)
        {
            if (round % 6 == 0)
                bench.Drop("shop");
            await Task.WhenAll(bench.RunAsync(), bench.RunAsync(), bench.RunAsync());
            bench.Clock.Advance(TimeSpan.FromSeconds(15));
        }

        await bench.RunForAsync(2 * Minute);
        var told = Told(hook).ToArray();
        Assert.True(told.Length >= 4, string.Join(", ", told));
        Assert.Equal(Enumerable.Range(0, told.Length).Select(i => i % 2 == 0 ? "firing shop" : "resolved shop"), told);
    }

    [Fact]
    public async Task What_still_fires_is_repeated()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook, repeatMinutes: 10), AlertBench.Rule(AlertBench.DroppedYaml));
        await bench.RunForAsync(25 * Minute, () => bench.Drop("shop"));
        Assert.Equal(["firing shop", "firing shop", "firing shop"], Told(hook));
        Assert.Equal([false, true, true], hook.Calls.Select(call => call.Json.GetProperty("alerts")[0].GetProperty("repeated").GetBoolean()));
    }

    [Fact]
    public async Task Silenced_alerts_are_not_told_until_the_silence_ends()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        await bench.Store.TryAddAsync(
            new SilenceRecord
            {
                Id = "s1", Matchers = [new MatcherRecord("service", "sh.*", IsRegex: true)], StartsAt = bench.Clock.GetUtcNow(), EndsAt = bench.Clock.GetUtcNow() + (5 * Minute),
            },
            CancellationToken.None);
        void Drop()
        {
            bench.Drop("shop");
            bench.Drop("cart");
        }

        await bench.RunForAsync(4 * Minute, Drop);
        Assert.Equal(["firing cart"], Told(hook));
        var silenced = (await bench.HistoryAsync()).SelectMany(entry => entry.Changes).Single(change => change.Labels["service"] == "shop");
        Assert.Equal("s1", silenced.SilencedBy);
        await bench.RunForAsync(4 * Minute, Drop);
        Assert.Equal(["firing cart", "firing shop"], Told(hook));
    }

    [Fact]
    public async Task A_silence_does_not_hide_the_end_of_what_was_told()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        await bench.RunForAsync(2 * Minute, () => bench.Drop("shop"));
        await bench.Store.TryAddAsync(
            new SilenceRecord { Id = "s1", Matchers = [new MatcherRecord("service", "shop")], StartsAt = bench.Clock.GetUtcNow(), EndsAt = bench.Clock.GetUtcNow().AddHours(1) },
            CancellationToken.None);
        await bench.RunForAsync(3 * Minute);
        Assert.Equal(["firing shop", "resolved shop"], Told(hook));
    }

    [Fact]
    public async Task What_ends_while_it_is_silenced_is_never_told()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        await bench.Store.TryAddAsync(
            new SilenceRecord { Id = "s1", Matchers = [new MatcherRecord("service", "shop")], StartsAt = bench.Clock.GetUtcNow(), EndsAt = bench.Clock.GetUtcNow().AddHours(1) },
            CancellationToken.None);
        bench.Drop("shop");
        await bench.RunForAsync(5 * Minute);
        Assert.Empty(hook.Calls);
    }

    [Fact]
    public async Task A_rule_that_cannot_be_evaluated_is_itself_an_alert_and_leaves_its_alerts_as_they_are()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        await bench.RunForAsync(2 * Minute, () => bench.Drop("shop"));
        bench.Ledger.Failure = "the ledger cannot be read";
        await bench.RunForAsync(5 * Minute);
        Assert.Equal(["firing shop", "firing Dropped"], Told(hook));
        var failing = hook.Calls.Last().Json.GetProperty("alerts")[0];
        Assert.Equal("AlertRuleFailing", failing.GetProperty("labels").GetProperty("alertname").GetString());
        Assert.Equal("the ledger cannot be read", failing.GetProperty("annotations").GetProperty("detail").GetString());
        bench.Ledger.Failure = null;
        await bench.RunForAsync(2 * Minute);
        Assert.Equal(["firing shop", "firing Dropped", "resolved Dropped", "resolved shop"], Told(hook).Order(StringComparer.Ordinal).OrderBy(l => l.StartsWith('r')).ThenBy(l => l.EndsWith("shop", StringComparison.Ordinal) == l.StartsWith('r')));
    }

    [Fact]
    public async Task A_file_that_is_wrong_is_itself_an_alert()
    {
        await using var hook = await HookReceiver.StartAsync();
        var wrong = RuleFile.Read("wrong.yaml", "name: [");
        using var bench = new AlertBench(Settings(hook), new AlertRules([wrong]));
        await bench.RunForAsync(2 * Minute);
        var alert = hook.Calls.Single().Json.GetProperty("alerts")[0];
        Assert.Equal("wrong.yaml", alert.GetProperty("labels").GetProperty("file").GetString());
        Assert.StartsWith("wrong.yaml:", alert.GetProperty("annotations").GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_cannot_be_evaluated_without_an_engine()
    {
        var yaml = AlertBench.DroppedYaml.Replace("  ledger:\n    measure: spans_dropped\n    by: [service]", "  kql: Spans | summarize value=count() by service", StringComparison.Ordinal);
        using var bench = new AlertBench(new AlertSettings(), AlertBench.Rule(yaml));
        await bench.RunAsync();
        var state = (await bench.Store.RulesAsync(CancellationToken.None))["Dropped"];
        Assert.Equal("The rule's source is a KQL query, and no KQL engine is configured; use a ledger or red source, or configure one.", state.Error);
    }

    [Fact]
    public async Task The_alerts_of_a_rule_that_was_removed_are_resolved_with_the_labels_that_they_had()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        await bench.RunForAsync(2 * Minute, () => bench.Drop("shop"));
        bench.Rules = new AlertRules([]);
        await bench.RunForAsync(20 * Minute);
        Assert.Equal(["firing shop", "resolved shop"], Told(hook));
        var (fired, resolved) = (hook.Calls.First().Json.GetProperty("alerts")[0], hook.Calls.Last().Json.GetProperty("alerts")[0]);
        Assert.Equal(fired.GetProperty("labels").GetRawText(), resolved.GetProperty("labels").GetRawText());
        Assert.DoesNotContain(bench.Table.Keys, key => key.Contains("Dropped", StringComparison.Ordinal) && key.StartsWith("rule|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_alerts_of_a_rule_whose_file_became_wrong_stay()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        await bench.RunForAsync(2 * Minute, () => bench.Drop("shop"));
        bench.Rules = new AlertRules([RuleFile.Read("test.yaml", "name: [")]);
        await bench.RunForAsync(3 * Minute);
        Assert.DoesNotContain("resolved shop", Told(hook));
    }

    [Fact]
    public async Task A_rule_has_a_bounded_number_of_alerts()
    {
        using var bench = new AlertBench(new AlertSettings(), AlertBench.Rule(AlertBench.DroppedYaml));
        for (var i = 1; i <= 250; i++)
            bench.Drop($"service{i}", i);
        bench.Clock.Advance(Minute);
        await bench.RunAsync();
        var state = (await bench.Store.RulesAsync(CancellationToken.None))["Dropped"];
        Assert.Equal(200, state.Alerts.Count);
        Assert.Equal(51, state.Alerts.Min(alert => alert.Value));
    }

    [Fact]
    public async Task The_history_is_kept_for_a_time()
    {
        using var bench = new AlertBench(new AlertSettings { HistoryDays = 1 }, AlertBench.Rule(AlertBench.DroppedYaml));
        bench.Drop("shop");
        await bench.RunForAsync(5 * Minute);
        Assert.Equal(2, (await bench.HistoryAsync()).Count);
        bench.Clock.Advance(TimeSpan.FromDays(2));
        await bench.RunAsync();
        Assert.Equal(["Resolved>Ok"], (await bench.HistoryAsync()).SelectMany(entry => entry.Changes).Select(c => $"{c.From}>{c.To}"));
    }

    private static AlertSettings Settings(HookReceiver hook, double repeatMinutes = 240) => new()
    {
        RepeatMinutes = repeatMinutes,
        AllowedHosts = [$"http://{hook.Host}"],
        Receivers = [new ReceiverSettings { Name = "hook", Type = "webhook", Url = hook.Url, GroupWaitSeconds = 0 }],
    };

    private static IEnumerable<string> Told(HookReceiver hook) => hook.Calls.SelectMany(Lines);

    private static IEnumerable<string> Lines(HookReceiver.HookCall call) => call.Json.GetProperty("alerts").EnumerateArray().Select(alert =>
    {
        var labels = alert.GetProperty("labels");
        var subject = labels.TryGetProperty("service", out var service) ? service : labels.TryGetProperty("rule", out var rule) ? rule : labels.GetProperty("file");
        return $"{alert.GetProperty("status").GetString()} {subject.GetString()}";
    });

    private static async Task<IEnumerable<string>> LinesAsync(AlertBench bench, TimeSpan more)
    {
        await bench.RunForAsync(more);
        return (await bench.HistoryAsync()).SelectMany(entry => entry.Changes.Select(change => $"{change.From}>{change.To}").Concat(entry.Delivery is { } delivery ? [delivery.Outcome] : []));
    }
}
