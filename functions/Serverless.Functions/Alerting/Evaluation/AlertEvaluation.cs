using Microsoft.Extensions.Logging;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Evaluation;

/// <summary>
/// Evaluates the rules that are due. Each rule's states, with what is to be sent about them, are written in one conditional
/// transaction: of two instances that evaluate it at once only one has an effect, and a crash leaves it done or not begun.
/// </summary>
internal sealed class AlertEvaluation(
    AlertRules rules, RuleEvaluator evaluator, AlertStore store, Receivers receivers, AlertSettings settings, AlertCounters counters,
    TimeProvider clock, ILogger<AlertEvaluation> logger)
{
    // A timer does not tick to the second: a rule that is due almost now is due. Part of its interval.
    private const double Tolerance = 0.1;

    private static readonly TimeSpan QuietInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CleaningInterval = TimeSpan.FromHours(1);

    private DateTimeOffset _cleanedAt;

    /// <summary>Evaluates all rules that are due, and notes what is to be sent.</summary>
    /// <exception cref="Storage.StorageException">The table of alerts cannot be read or written; nothing is lost by trying again.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var now = WholeSecond(clock.GetUtcNow());
        var silences = await store.ActiveSilencesAsync(now, cancellation);
        var states = await store.RulesAsync(cancellation);
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var rule in rules.Rules)
        {
            var state = states.GetValueOrDefault(rule.Name) ?? new RuleState { Rule = rule.Name, File = rule.File };
            if (now - state.EvaluatedAt >= rule.Interval * (1 - Tolerance))
                state = await EvaluateAsync(rule, state, silences, now, cancellation);
            if (state.Error is { } error)
                errors[rule.Name] = error;
        }

        var health = states.GetValueOrDefault(RuleHealth.Name) ?? new RuleState { Rule = RuleHealth.Name, File = "" };
        var failing = RuleHealth.Values(rules, receivers.Problems, errors);
        if (failing.Count > 0 || health.Alerts.Count > 0 || now - health.EvaluatedAt >= QuietInterval)
            await CommitAsync(RuleHealth.Rule, health, failing, silences, now, TimeSpan.Zero, cancellation);
        foreach (var gone in states.Values.Where(IsGone))
            await EndAsync(gone, silences, now, cancellation);
        if (now - _cleanedAt >= CleaningInterval)
        {
            await store.CleanAsync(now.AddDays(-settings.HistoryDays), cancellation);
            _cleanedAt = now;
        }
    }

    /// <summary>A timer is late by some milliseconds, and by others each time: without them 'for' is over with the tick that it is over with.</summary>
    private static DateTimeOffset WholeSecond(DateTimeOffset time) => time.AddTicks(-(time.UtcTicks % TimeSpan.TicksPerSecond));

    /// <summary>A rule whose file is there but wrong is not gone: its alerts stay as they are.</summary>
    private bool IsGone(RuleState state) => state.Rule != RuleHealth.Name && rules.Rules.All(rule => rule.Name != state.Rule)
        && rules.Broken.All(file => file.File != state.File);

    private async Task<RuleState> EvaluateAsync(
        AlertRule rule, RuleState state, IReadOnlyList<Silence> silences, DateTimeOffset now, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        IReadOnlyList<RuleValue> values;
        try
        {
            values = await evaluator.EvaluateAsync(rule, now, cancellation);
        }
        catch (MeasureException e)
        {
            // What is not known is neither met nor not met: the alerts stay as they are.
            if (state.Error is null)
                logger.LogWarning("The alert rule {Rule} cannot be evaluated: {Error}", rule.Name, e.Message);
            var failed = state with { File = rule.File, EvaluatedAt = now, EvaluationSeconds = clock.GetElapsedTime(start).TotalSeconds, Error = e.Message };
            await store.TryCommitAsync(failed, [], [], cancellation);
            counters.Evaluated(isFailure: true);
            return failed;
        }

        counters.Evaluated(isFailure: false);
        return await CommitAsync(rule, state, values, silences, now, clock.GetElapsedTime(start), cancellation);
    }

    private async Task<RuleState> CommitAsync(
        AlertRule rule, RuleState state, IReadOnlyList<RuleValue> values, IReadOnlyList<Silence> silences, DateTimeOffset now, TimeSpan took,
        CancellationToken cancellation)
    {
        var step = RuleStep.Take(rule, state.Alerts, values, now, silences, settings);
        var next = state with
        {
            File = rule.File, RuleLabels = rule.Labels, Alerts = step.States, EvaluatedAt = now, EvaluationSeconds = took.TotalSeconds, Error = null,
        };
        if (!await store.TryCommitAsync(next, step.Changes, receivers.Outbox(step.Told, now), cancellation))
        {
            logger.LogInformation("Another instance evaluated the alert rule {Rule}", rule.Name);
            return next;
        }

        foreach (var change in step.Changes.Where(change => change.To is AlertStatus.Firing or AlertStatus.Resolved))
            logger.LogWarning("Alert {Alert} is {Status}, value {Value}", change.Labels, change.To, change.Value);
        return next;
    }

    /// <summary>Ends the alerts of a rule that is no longer there, and forgets it.</summary>
    private async Task EndAsync(RuleState state, IReadOnlyList<Silence> silences, DateTimeOffset now, CancellationToken cancellation)
    {
        var rule = RuleHealth.Rule with
        {
            Name = state.Rule, File = state.File, Timing = default, Runbook = "",
            Labels = state.RuleLabels,
            Annotations = [KeyValuePair.Create("summary", AlertMessage.Parse("The alert rule was removed"))],
        };
        if (state.Alerts.Any(alert => alert.Status is AlertStatus.Firing or AlertStatus.Pending))
            await CommitAsync(rule, state, [], silences, now, TimeSpan.Zero, cancellation);
        else
            await store.TryForgetAsync(state, cancellation);
    }
}
