using System.Runtime.CompilerServices;
using Serverless.Functions.Alerting;
using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Alerting.Rules;

namespace Serverless.Tests.Alerting;

/// <summary>Each rule that is shipped: it can be read, leads to a runbook, stays quiet in ordinary times, and fires and ends once for what it is for.</summary>
public sealed class ShippedRulesTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../.."));

    /// <summary>What happens in a minute of the disturbance, beside what is ordinary.</summary>
    private static readonly Dictionary<string, Action<AlertBench>> Scenarios = new()
    {
        ["SpansDropped"] = b => b.Ledger.Add("spans_dropped", b.Clock.GetUtcNow(), 5, ("service", "shop"), ("sender", "otel"), ("protocol", "otlp"), ("reason", "too_large")),
        ["ClientSpansDropped"] = b => b.Ledger.Add("client_spans_dropped", b.Clock.GetUtcNow(), 3, ("service", "shop"), ("sender", "otel"), ("cause", "full_queue")),
        ["BatchesLost"] = b => b.Ledger.Add("client_batches_missing", b.Clock.GetUtcNow(), 1, ("service", "shop"), ("sender", "jaeger")),
        ["ConservationViolated"] = b => b.Ledger.Add("conservation_remainder", b.Clock.GetUtcNow(), 1, ("service", "shop"), ("sender", "otel"), ("protocol", "otlp")),
        ["BatchFailures"] = b => b.Ledger.Add("batch_failures", b.Clock.GetUtcNow(), 2, ("stage", "assemble")),
        ["QueueLatencyHigh"] = b => b.Ledger.Add("queue_latency", b.Clock.GetUtcNow(), 30, ("partition", "0")),
        ["HubLagging"] = b => b.Ledger.Add("hub_lag_seconds", b.Clock.GetUtcNow(), 300, ("hub", "spans"), ("partition", "0")),
        ["StorageThrottled"] = b => b.Ledger.Add("storage_throttled", b.Clock.GetUtcNow(), 20, ("operation", "write")),
        ["QuarantineNotEmpty"] = b => b.Ledger.Add("quarantine_events", b.Clock.GetUtcNow(), 2, ("reason", "damaged")),
        ["PropagationBroken"] = b => b.Red.Add("propagation_breaks", b.Clock.GetUtcNow(), 50, ("service", "shop")),
        ["ParentsMissing"] = b => b.Red.Add("spans_without_parent", b.Clock.GetUtcNow(), 50, ("service", "shop")),
        ["ErrorRateAgainstLastWeek"] = b => b.Red.Add("errors", b.Clock.GetUtcNow(), 20, ("service", "shop"), ("operation", "GET /"), ("kind", "server")),
        ["LatencyAgainstLastWeek"] = b => b.Red.Add("latency", b.Clock.GetUtcNow(), 0.5, ("service", "shop"), ("operation", "GET /"), ("kind", "server")),
        ["ProberFailing"] = b => b.Ledger.Add("probes_failed", b.Clock.GetUtcNow(), 1, ("protocol", "otlp"), ("finding", "late")),
        ["ExportBehind"] = b => b.Ledger.Add("export_lag_seconds", b.Clock.GetUtcNow(), 3_000),
        ["ServiceSilent"] = _ => { },
    };

    public static TheoryData<string> Names => [.. Load().Rules.Select(rule => rule.Name)];

    [Fact]
    public void Every_file_can_be_read()
    {
        var rules = Load();
        Assert.Empty(rules.Broken.SelectMany(file => file.Errors));
        Assert.Equal(Scenarios.Keys.Order(), rules.Rules.Select(rule => rule.Name).Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_rule_leads_to_its_runbook_which_names_it(string name)
    {
        var rule = Load().Rules.Single(rule => rule.Name == name);
        Assert.Contains($"({name})", File.ReadAllText(Path.Combine(Root, rule.Runbook)), StringComparison.Ordinal);
        Assert.Equal(Path.ChangeExtension(rule.File, ".md"), Path.GetFileName(rule.Runbook));
    }

    [Fact]
    public void The_documentation_has_every_measure_and_every_rule()
    {
        var text = File.ReadAllText(Path.Combine(Root, "docs/alerting.md"));
        Assert.All(MeasureCatalog.LedgerMeasures.Concat(MeasureCatalog.RedMeasures), m => Assert.Contains($"| `{m.Name}` |", text, StringComparison.Ordinal));
        Assert.All(Load().Rules, rule => Assert.Contains($"`{rule.Name}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_measure_is_said_once_in_the_documentation_with_its_labels()
    {
        var lines = File.ReadAllLines(Path.Combine(Root, "docs/alerting.md"));
        foreach (var measure in MeasureCatalog.LedgerMeasures.Concat(MeasureCatalog.RedMeasures))
        {
            var line = Assert.Single(lines, line => line.StartsWith($"| `{measure.Name}` |", StringComparison.Ordinal));
            Assert.Equal($"| `{measure.Name}` | {measure.Kind.ToString().ToLowerInvariant()} | {string.Join(", ", measure.Labels)} | {measure.Meaning} |", line);
        }
    }

    /// <summary>An hour of ordinary traffic, a quarter of disturbance, two hours of ordinary traffic again: last week was the same without.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_rule_fires_and_ends_once_for_what_it_is_for(string name)
    {
        await using var hook = await HookReceiver.StartAsync();
        var rule = Load().Rules.Single(rule => rule.Name == name);
        using var bench = new AlertBench(
            new AlertSettings
            {
                AllowedHosts = [$"http://{hook.Host}"], Receivers = [new ReceiverSettings { Name = "hook", Type = "webhook", Url = hook.Url, GroupWaitSeconds = 0 }],
            },
            rule);
        var start = bench.Clock.GetUtcNow();
        for (var minute = 0; minute < 240; minute++)
            Ordinary(bench, start.AddDays(-7).AddMinutes(minute));
        for (var minute = -420; minute < 0; minute++)
            Ordinary(bench, start.AddMinutes(minute));
        await RunAsync(60, isDisturbed: false);
        Assert.Empty(hook.Calls);
        await RunAsync(20, isDisturbed: true);
        Assert.Equal(["firing"], States());
        await RunAsync(120, isDisturbed: false);
        Assert.Equal(["firing", "resolved"], States());
        Assert.DoesNotContain("{{", hook.Calls.First().Text, StringComparison.Ordinal);

        IEnumerable<string?> States() => hook.Calls.SelectMany(call => call.Json.GetProperty("alerts").EnumerateArray()).Select(a => a.GetProperty("status").GetString());

        async Task RunAsync(int minutes, bool isDisturbed)
        {
            for (var i = 0; i < minutes; i++)
            {
                if (!isDisturbed || name != "ServiceSilent")
                    Ordinary(bench, bench.Clock.GetUtcNow());
                if (isDisturbed)
                    Scenarios[name](bench);
                await bench.RunForAsync(Minute);
            }
        }
    }

    private static void Ordinary(AlertBench bench, DateTimeOffset at)
    {
        bench.Ledger.Add("spans_received", at, 1_000, ("service", "shop"), ("sender", "otel"), ("protocol", "otlp"));
        bench.Ledger.Add("queue_latency", at, 0.4, ("partition", "0"));
        bench.Ledger.Add("hub_lag_seconds", at, 1, ("hub", "spans"), ("partition", "0"));
        bench.Ledger.Add("export_lag_seconds", at, 20);
        bench.Red.Add("calls", at, 100, ("service", "shop"), ("operation", "GET /"), ("kind", "server"));
        bench.Red.Add("errors", at, 1, ("service", "shop"), ("operation", "GET /"), ("kind", "server"));
        bench.Red.Add("latency", at, 0.08, ("service", "shop"), ("operation", "GET /"), ("kind", "server"));
        bench.Red.Add("spans", at, 300, ("service", "shop"));
    }

    private static AlertRules Load() => AlertRules.Load(Path.Combine(Root, "queries/alerts"));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
