using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Alerting.Rules;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Evaluation;

/// <summary>Computes what a rule's condition says at a time. It keeps nothing: the same time gives the same answer.</summary>
public sealed class RuleEvaluator(IEnumerable<IMeasureSource> sources, IKqlSource? kql = null)
{
    private readonly Dictionary<string, IMeasureSource> _sources = sources.ToDictionary(source => source.Name, StringComparer.Ordinal);

    /// <summary>The values of a rule at a time, those that do not meet its condition included.</summary>
    /// <exception cref="MeasureException">The rule cannot be evaluated; the message says why.</exception>
    public async Task<IReadOnlyList<RuleValue>> EvaluateAsync(AlertRule rule, DateTimeOffset now, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var to = WholeMinute(now - rule.Delay);
        var present = await ValuesAsync(rule, to - rule.Window, to, cancellation);
        if (rule.Baseline is not { } baseline)
            return [.. present.Select(p => new RuleValue(p.Key, p.Value, rule.Threshold.IsMetBy(p.Value) && !(p.Value < rule.Minimum)))];

        var end = to - baseline.Offset;
        var earlier = await ValuesAsync(rule, end - baseline.Window, end, cancellation);
        var isSum = IsSum(rule);
        // Figures that add up are brought to the length of the rule's own window.
        var scale = isSum ? rule.Window / baseline.Window : 1;
        var values = new List<RuleValue>();
        foreach (var (labels, value) in earlier)
        {
            var before = value * scale;
            if (before < baseline.AtLeast || (before <= 0 && !baseline.IsDifference) || !(present.TryGetValue(labels, out var now0) || isSum))
                continue;
            var compared = baseline.IsDifference ? now0 - before : now0 / before;
            values.Add(new RuleValue(labels, compared, rule.Threshold.IsMetBy(compared) && !(now0 < rule.Minimum)));
        }

        return values;
    }

    /// <summary>What is added up and not divided is 0 where nothing was counted.</summary>
    private static bool IsSum(AlertRule rule) => rule is { Source.Kind: MeasureKind.Sum, Divisor: null };

    private async Task<Dictionary<LabelSet, double>> ValuesAsync(AlertRule rule, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var values = await ReadAsync(rule.Source, from, to, cancellation);
        if (rule.Divisor is not { } divisor)
        {
            if (values.Count == 0 && IsSum(rule) && rule.Source.By.Count == 0)
                values[LabelSet.Empty] = 0;
            return values;
        }

        var divisors = await ReadAsync(divisor.Measure, from, to, cancellation);
        var quotients = new Dictionary<LabelSet, double>();
        var labels = rule.Source.Kind == MeasureKind.Sum && divisor.Measure.By.Count == rule.Source.By.Count
            ? values.Keys.Union(divisors.Keys)
            : values.Keys;
        foreach (var label in labels)
        {
            if (divisors.TryGetValue(label.Only(divisor.Measure.By), out var number) && number > 0 && number >= divisor.AtLeast)
                quotients[label] = values.GetValueOrDefault(label) / number;
        }

        return quotients;
    }

    private async Task<Dictionary<LabelSet, double>> ReadAsync(RuleMeasure measure, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        IReadOnlyList<MeasureValue> values;
        if (measure.IsQuery)
        {
            values = kql is null
                ? throw new MeasureException("The rule's source is a KQL query, and no KQL engine is configured; use a ledger or red source, or configure one.")
                : await kql.QueryAsync(measure.Measure, from, to, cancellation);
        }
        else if (_sources.TryGetValue(measure.Source, out var source))
        {
            values = await source.ReadAsync(
                new MeasureQuery(measure.Measure, from, to) { Where = measure.Where, By = measure.By, Quantile = measure.Quantile }, cancellation);
        }
        else
        {
            throw new MeasureException($"This app has no source '{measure.Source}'.");
        }

        var sums = new Dictionary<LabelSet, double>(values.Count);
        foreach (var value in values)
        {
            if (!double.IsNaN(value.Value))
                sums[value.Labels] = value.Value;
        }

        return sums;
    }

    private static DateTimeOffset WholeMinute(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
}
