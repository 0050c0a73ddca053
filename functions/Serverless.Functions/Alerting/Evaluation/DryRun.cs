using Serverless.Functions.Alerting.Rules;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Evaluation;

/// <summary>Runs a rule over a past time as if it had been evaluated then; nothing is stored and nobody is told.</summary>
internal sealed class DryRun(RuleEvaluator evaluator, AlertSettings settings)
{
    /// <summary>The most evaluations of one run.</summary>
    public const int MaxSteps = 2_000;

    /// <summary>What would have happened.</summary>
    /// <param name="Evaluations">How many evaluations it was.</param>
    /// <param name="Changes">What would have changed.</param>
    /// <param name="Told">What receivers would have been told.</param>
    /// <param name="Last">The alerts at the end.</param>
    public sealed record Outcome(int Evaluations, IReadOnlyList<AlertEvent> Changes, IReadOnlyList<AlertEvent> Told, IReadOnlyList<AlertState> Last);

    /// <summary>Evaluates from the first to the last time.</summary>
    /// <exception cref="Measures.MeasureException">The rule cannot be evaluated; the message says why.</exception>
    public async Task<Outcome> RunAsync(AlertRule rule, DateTimeOffset from, DateTimeOffset to, TimeSpan step, CancellationToken cancellation)
    {
        var states = (IReadOnlyList<AlertState>)[];
        var changes = new List<AlertEvent>();
        var told = new List<AlertEvent>();
        var evaluations = 0;
        // Evaluations of the same minutes give the same values.
        var minute = long.MinValue;
        IReadOnlyList<RuleValue> values = [];
        for (var at = from; at <= to && evaluations < MaxSteps; at += step, evaluations++)
        {
            var current = (at - rule.Delay).UtcTicks / TimeSpan.TicksPerMinute;
            if (current != minute)
                values = await evaluator.EvaluateAsync(rule, at, cancellation);
            minute = current;
            var taken = RuleStep.Take(rule, states, values, at, [], settings);
            states = taken.States;
            changes.AddRange(taken.Changes);
            told.AddRange(taken.Told);
        }

        return new Outcome(evaluations, changes, told, states);
    }
}
