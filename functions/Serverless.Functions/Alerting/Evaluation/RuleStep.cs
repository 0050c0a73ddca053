using Serverless.Functions.Alerting.Rules;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Evaluation;

/// <summary>One evaluation's effect on a rule's alerts: the new states, what happened, and whom to tell. Pure: it can be run over a past time as well.</summary>
/// <param name="States">The alerts that are not ok now.</param>
/// <param name="Changes">What changed.</param>
/// <param name="Told">Of that, and of what fires on, what the receivers are told.</param>
public sealed record RuleStep(IReadOnlyList<AlertState> States, IReadOnlyList<AlertEvent> Changes, IReadOnlyList<AlertEvent> Told)
{
    /// <summary>The most alerts that a rule may have at once; beyond it the largest values count.</summary>
    public const int MaxAlerts = 200;

    /// <summary>Takes an evaluation's values.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="before">Its alerts that were not ok.</param>
    /// <param name="values">What the evaluation gave; null where all alerts end because the rule is gone.</param>
    /// <param name="now">The time of the evaluation.</param>
    /// <param name="silences">The silences.</param>
    /// <param name="options">What the settings say.</param>
    public static RuleStep Take(
        AlertRule rule, IReadOnlyList<AlertState> before, IReadOnlyList<RuleValue> values, DateTimeOffset now, IReadOnlyList<Silence> silences, AlertSettings options)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(options);
        var known = before.ToDictionary(state => state.Labels);
        var met = values.Where(v => v.IsTrue).OrderByDescending(v => known.ContainsKey(v.Labels)).ThenByDescending(v => Math.Abs(v.Value))
            .Take(MaxAlerts).ToDictionary(v => v.Labels);
        var states = new List<AlertState>();
        var changes = new List<AlertEvent>();
        var told = new List<AlertEvent>();
        foreach (var labels in known.Keys.Union(met.Keys).OrderBy(l => l.ToString(), StringComparer.Ordinal))
        {
            var was = known.GetValueOrDefault(labels);
            var value = met.GetValueOrDefault(labels);
            var state = AlertMachine.Step(labels, was, value is not null, value?.Value ?? 0, now, rule.Timing);
            if (state is not null && value is not null)
                state = state with { Detail = value.Detail };
            var from = was?.Status ?? AlertStatus.Ok;
            var to = state?.Status ?? AlertStatus.Ok;
            var last = state ?? was!;
            var silence = silences.FirstOrDefault(s => s.Silences(rule.LabelsOf(labels), now));
            var tells = Tells(from, last, to, silence is not null, now, options);
            if (from != to || tells)
            {
                var happened = Event(rule, last, from, to, now, options) with
                {
                    SilencedBy = tells ? null : silence?.Id, IsRepeat = from == to && last.NotifiedAt is not null,
                };
                if (from != to)
                    changes.Add(happened);
                if (tells)
                    told.Add(happened);
            }

            if (state is not null)
                states.Add(tells && to == AlertStatus.Firing ? state with { NotifiedAt = now } : state);
        }

        return new RuleStep(states, changes, told);
    }

    private static bool Tells(AlertStatus from, AlertState state, AlertStatus to, bool isSilenced, DateTimeOffset now, AlertSettings options) => to switch
    {
        AlertStatus.Firing when isSilenced => false,
        AlertStatus.Firing => state.NotifiedAt is not { } notified || now - notified >= TimeSpan.FromMinutes(options.RepeatMinutes),
        // A silence does not hide that something has ended of which people were told.
        AlertStatus.Resolved => from == AlertStatus.Firing && state.NotifiedAt is not null,
        _ => false,
    };

    private static AlertEvent Event(AlertRule rule, AlertState state, AlertStatus from, AlertStatus to, DateTimeOffset now, AlertSettings options) => new()
    {
        Rule = rule.Name, From = from, To = to, At = now, Labels = rule.LabelsOf(state.Labels),
        Annotations = rule.AnnotationsOf(state, options.RunbookBase), Value = state.Value,
        FiredAt = state.FiredAt, ResolvedAt = state.ResolvedAt,
    };
}
