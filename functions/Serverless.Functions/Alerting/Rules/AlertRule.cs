using System.Globalization;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Rules;

/// <summary>A rule as its file states it; docs/alerting.md describes the keys.</summary>
public sealed record AlertRule
{
    /// <summary>The label that names the rule.</summary>
    public const string NameLabel = "alertname";

    /// <summary>The label of the severity.</summary>
    public const string SeverityLabel = "severity";

    /// <summary>The annotation that leads to the runbook, as Prometheus' own rules call it.</summary>
    public const string RunbookAnnotation = "runbook_url";

    /// <summary>The annotation of what there is to say besides the value.</summary>
    public const string DetailAnnotation = "detail";

    /// <summary>Its name, unique among all rules.</summary>
    public required string Name { get; init; }

    /// <summary>The file that it is in, without folder.</summary>
    public required string File { get; init; }

    /// <summary>What it looks at.</summary>
    public required RuleMeasure Source { get; init; }

    /// <summary>What that is divided by, or null.</summary>
    public RuleDivisor? Divisor { get; init; }

    /// <summary>The earlier time that is compared with, or null.</summary>
    public RuleBaseline? Baseline { get; init; }

    /// <summary>When the value that results is bad.</summary>
    public required AlertThreshold Threshold { get; init; }

    /// <summary>The figure before the comparison with an earlier time has to be at least that; null for any.</summary>
    public double? Minimum { get; init; }

    /// <summary>The time that each evaluation looks at.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after its end a minute is taken to be complete.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often it is evaluated.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long things have to last.</summary>
    public AlertTiming Timing { get; init; }

    /// <summary>How bad it is: critical, warning or info.</summary>
    public string Severity { get; init; } = "warning";

    /// <summary>Labels of all of its alerts, name and severity included.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>What its alerts say, by annotation.</summary>
    public IReadOnlyList<KeyValuePair<string, AlertMessage>> Annotations { get; init; } = [];

    /// <summary>The page that says what to do, relative to the repository; or an address.</summary>
    public string Runbook { get; init; } = "";

    /// <summary>The labels of an alert: the rule's own win over those of the value.</summary>
    public LabelSet LabelsOf(LabelSet value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.With(Labels);
    }

    /// <summary>What an alert says.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="runbookBase">What a relative runbook is below; empty for nothing.</param>
    public LabelSet AnnotationsOf(AlertState alert, string runbookBase)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var labels = LabelsOf(alert.Labels);
        var texts = LabelSet.Of(Annotations.Select(a => KeyValuePair.Create(a.Key, a.Value.Render(labels, alert.Value, Threshold.Value, Window))));
        if (alert.Detail is { } detail)
            texts = texts.With(DetailAnnotation, detail);
        return Runbook.Length == 0 ? texts : texts.With(RunbookAnnotation, RunbookIn(runbookBase));
    }

    /// <summary>The runbook's address.</summary>
    /// <param name="runbookBase">What a relative one is below; empty for nothing.</param>
    public string RunbookIn(string runbookBase) => string.IsNullOrEmpty(runbookBase) || Runbook.Contains("://", StringComparison.Ordinal)
        ? Runbook
        : $"{runbookBase.TrimEnd('/')}/{Runbook}";

    /// <summary>The condition as people read it; where Prometheus has the expression.</summary>
    public string Expression()
    {
        var value = Source + $" over {AlertDuration.ToText(Window)}";
        if (Divisor is { } divisor)
            value = $"({value}) / {divisor.Measure}";
        if (Baseline is { } baseline)
            value = $"({value}) {(baseline.IsDifference ? '-' : '/')} the same {AlertDuration.ToText(baseline.Offset)} earlier";
        var minimum = Minimum is { } least ? string.Create(CultureInfo.InvariantCulture, $" and at least {least}") : "";
        return $"{value} {Threshold}{minimum}";
    }
}
