using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Functions.Alerting;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Alerting.Store;
using Serverless.Functions.Storage;

namespace Serverless.Tests.Alerting;

/// <summary>All of alerting over a scripted ledger, with a clock that is moved by hand.</summary>
internal sealed class AlertBench : IDisposable
{
    private readonly AlertHttp _http = new();
    private readonly AlertCounters _counters = new();
    private readonly AlertSettings _settings;

    public AlertBench(AlertSettings settings, params IEnumerable<AlertRule> rules)
        : this(settings, new AlertRules([.. rules.Select(rule => new RuleFileResult(rule.File, rule, []))]))
    {
    }

    /// <summary>Over a ledger that is not scripted.</summary>
    public AlertBench(AlertSettings settings, IMeasureSource ledger, params IEnumerable<AlertRule> rules)
        : this(settings, rules) => Evaluator = new RuleEvaluator([ledger, Red]);

    public AlertBench(AlertSettings settings, AlertRules rules)
    {
        _settings = settings;
        Rules = rules;
        Store = new AlertStore(Table);
        Evaluator = new RuleEvaluator([Ledger, Red]);
    }

    public AlertClock Clock { get; } = new();

    public MemoryAlertTable Table { get; } = new();

    public ScriptedMeasures Ledger { get; } = new(MeasureCatalog.Ledger);

    public ScriptedMeasures Red { get; } = new(MeasureCatalog.Red);

    public AlertRules Rules { get; set; }

    public AlertStore Store { get; }

    public RuleEvaluator Evaluator { get; }

    /// <summary>What a rule of a test reads.</summary>
    public const string DroppedYaml =
        """
        name: Dropped
        source:
          ledger:
            measure: spans_dropped
            by: [service]
        window: 1m
        delay: 0s
        interval: 15s
        condition:
          op: ">"
          threshold: 0
        severity: critical
        labels:
          team: tracing
        annotations:
          summary: "{{ labels.service }} lost {{ value | count }} spans"
        runbook: docs/runbooks/spans-dropped.md
        """;

    public static AlertRule Rule(string yaml, string file = "test.yaml")
    {
        var result = RuleFile.Read(file, yaml);
        Assert.Empty(result.Errors);
        return result.Rule!;
    }

    public void Drop(string service, double spans = 1) => Ledger.Add("spans_dropped", Clock.GetUtcNow(), spans, ("service", service), ("sender", "otel"));

    /// <summary>What is done each minute, by an instance of its own.</summary>
    public AlertRound Round(TimeProvider clock)
    {
        var (evaluation, maker, delivery) = Parts(clock);
        return new AlertRound(evaluation, maker, delivery, clock);
    }

    /// <summary>One evaluation by an instance of its own, and what is due then is sent.</summary>
    public async Task RunAsync()
    {
        var (evaluation, maker, delivery) = Parts(Clock);
        await evaluation.RunAsync(CancellationToken.None);
        await maker.RunAsync(CancellationToken.None);
        await delivery.RunAsync(CancellationToken.None);
    }

    /// <summary>Evaluates every 15 seconds for a time; a run that the storage fails is over, as it is in the host.</summary>
    public async Task RunForAsync(TimeSpan time, Action? before = null)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(15))
        {
            before?.Invoke();
            try
            {
                await RunAsync();
            }
            catch (StorageException)
            {
            }

            Clock.Advance(TimeSpan.FromSeconds(15));
        }
    }

    public async Task<List<HistoryEntry>> HistoryAsync()
    {
        var entries = new List<HistoryEntry>();
        await foreach (var entry in Store.HistoryAsync(Clock.GetUtcNow().AddMinutes(1), CancellationToken.None))
            entries.Add(entry);
        entries.Reverse();
        return entries;
    }

    private (AlertEvaluation Evaluation, NotificationMaker Maker, AlertDelivery Delivery) Parts(TimeProvider clock)
    {
        var receivers = new Receivers(_settings);
        Assert.Empty(receivers.Problems);
        return (
            new AlertEvaluation(Rules, Evaluator, Store, receivers, _settings, _counters, clock, NullLogger<AlertEvaluation>.Instance),
            new NotificationMaker(Store, receivers, clock),
            new AlertDelivery(Store, receivers, _http, _settings, _counters, clock, NullLogger<AlertDelivery>.Instance));
    }

    public void Dispose()
    {
        _http.Dispose();
        _counters.Dispose();
    }
}
