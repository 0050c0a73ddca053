using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Alerting.Rules;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Evaluation;

/// <summary>The rule about rules: one that cannot be read or evaluated is itself an alert.</summary>
internal static class RuleHealth
{
    /// <summary>The name of the rule.</summary>
    public const string Name = "AlertRuleFailing";

    private const string RuleLabel = "rule";
    private const string FileLabel = "file";
    private const string ReceiverLabel = "receiver";
    private const int LongestDetail = 1_000;

    /// <summary>The rule.</summary>
    public static AlertRule Rule { get; } = new()
    {
        Name = Name, File = "", Source = new RuleMeasure("alerts", "failing_rules") { By = [RuleLabel, FileLabel, ReceiverLabel], Kind = MeasureKind.Last },
        Threshold = new AlertThreshold(ComparisonOperator.Greater, 0),
        Timing = new AlertTiming(TimeSpan.FromMinutes(1), TimeSpan.Zero), Severity = "warning",
        Labels = LabelSet.Of([new(AlertRule.NameLabel, Name), new(AlertRule.SeverityLabel, "warning")]),
        Annotations = [KeyValuePair.Create("summary", AlertMessage.Parse("Alerting does not work as it is set up: {{ labels.rule }}{{ labels.file }}{{ labels.receiver }} cannot be used"))],
        Runbook = "docs/runbooks/alert-rule-failing.md",
    };

    /// <summary>What is wrong now.</summary>
    /// <param name="rules">The rules as they were read.</param>
    /// <param name="receivers">What is wrong with receivers, by name.</param>
    /// <param name="errors">Why rules could not be evaluated, by name.</param>
    public static IReadOnlyList<RuleValue> Values(
        AlertRules rules, IReadOnlyDictionary<string, string> receivers, IReadOnlyDictionary<string, string> errors) =>
    [
        .. rules.Broken.Select(file => Failing(FileLabel, file.File, string.Join('\n', file.Errors))),
        .. receivers.Select(receiver => Failing(ReceiverLabel, receiver.Key, receiver.Value)),
        .. errors.Select(rule => Failing(RuleLabel, rule.Key, rule.Value)),
    ];

    private static RuleValue Failing(string label, string name, string why) => new(LabelSet.Of(label, name), 1, IsTrue: true)
    {
        Detail = why.Length <= LongestDetail ? why : why[..LongestDetail],
    };
}
