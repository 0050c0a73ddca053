using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Alerting.Rules;
using Serverless.Tracing.Alerting;

namespace Serverless.Tests.Alerting;

public sealed class RuleFileTests
{
    private const string Full =
        """
        # A comment.
        name: ErrorsAgainstLastWeek
        source:
          red:
            measure: errors
            where:
              kind: [server, consumer]
              operation: { not: GET /health }
            by: [service]
        window: 15m
        delay: 1m
        interval: 1m
        condition:
          divide_by:
            measure: calls
            at_least: 50
          against:
            offset: 1w
            window: 1h
            at_least: 0.001
            as: difference
          minimum: 0.02
          op: ">="
          threshold: 0.05
        for: 5m
        keep_firing_for: 1h30m
        severity: critical
        labels:
          team: shop
        annotations:
          summary: "{{ labels.service }} fails: {{ value | percent }}"
        runbook: docs/runbooks/error-rate.md
        """;

    [Fact]
    public void A_rule_is_read_with_all_of_its_keys()
    {
        var rule = AlertBench.Rule(Full);
        Assert.Equal("ErrorsAgainstLastWeek", rule.Name);
        Assert.Equal(
            "((red.errors{kind=server|consumer, operation!=GET /health} by (service) over 15m) / red.calls by (service)) - the same 1w earlier >= 0.05 and at least 0.02",
            rule.Expression());
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)), (rule.Delay, rule.Interval));
        Assert.Equal(new AlertTiming(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(90)), rule.Timing);
        Assert.Equal(new RuleBaseline(TimeSpan.FromDays(7), TimeSpan.FromHours(1), 0.001, IsDifference: true), rule.Baseline);
        Assert.Equal(50, rule.Divisor!.AtLeast);
        Assert.Equal("""{alertname="ErrorsAgainstLastWeek", severity="critical", team="shop"}""", rule.Labels.ToString());
    }

    [Theory]
    [InlineData("name: ErrorsAgainstLastWeek", "name: 1st", "test.yaml:2:7: 'name' must be letters, digits, '-' and '_', at most 100, and begin with a letter; it is '1st'.")]
    [InlineData("name: ErrorsAgainstLastWeek", "nme: X", "test.yaml:2:1: 'nme' is not known here; known are name, window, source, condition, severity, for, keep_firing_for, interval, delay, labels, annotations, runbook.")]
    [InlineData("    measure: errors", "    measure: erors", "test.yaml:5:14: 'source.red.measure' is no measure of red: 'erors'. Known are calls, errors, error_ratio, latency, spans, spans_without_parent, propagation_breaks.")]
    [InlineData("      kind: [server, consumer]", "      sort: server", "test.yaml:7:13: 'source.red.where.sort' is no label of errors; it has service, operation, kind.")]
    [InlineData("    by: [service]", "    by: [sender]", "test.yaml:9:9: 'source.red.by' errors is not known by 'sender'; it is by service, operation, kind.")]
    [InlineData("    by: [service]", "    quantile: 0.5", "test.yaml:9:15: 'source.red.quantile' is only for distributions; errors is none.")]
    [InlineData("  red:", "  blue:", "test.yaml:4:3: 'source' must have one of ledger, red, kql.")]
    [InlineData("window: 15m", "window: 15 minutes", "test.yaml:10:9: 'window' must be a duration such as 30s, 5m, 1h30m or 7d, not '15 minutes'.")]
    [InlineData("window: 15m", "window: 90s", "test.yaml:10:9: 'window' must be whole minutes.")]
    [InlineData("window: 15m", "window: 2w", "test.yaml:10:9: 'window' must be from 1m to 1d, not 2w.")]
    [InlineData("  threshold: 0.05", "  threshold: many", "test.yaml:24:14: 'condition.threshold' must be a number, not 'many'.")]
    [InlineData("  threshold: 0.05", "  minimun: 1", "test.yaml:14:3: 'condition.threshold' is missing.")]
    [InlineData("  op: \">=\"", "  op: above", "test.yaml:23:7: 'condition.op' must be one of >, >=, <, <=, ==, !=, not 'above'.")]
    [InlineData("    offset: 1w", "    offset: 2m30s", "test.yaml:18:13: 'condition.against.offset' and window must be whole minutes.")]
    [InlineData("severity: critical", "severity: page", "test.yaml:27:11: 'severity' must be one of critical, warning, info, not 'page'.")]
    [InlineData("  team: shop", "  severity: high", "test.yaml:29:13: 'labels.severity' is made from 'name' and 'severity'.")]
    [InlineData("{{ labels.service }}", "{{ labels.sender }}", "test.yaml:31:12: 'annotations.summary' names the label 'sender', which the alert does not have; it has alertname, severity, team, service.")]
    [InlineData("{{ value | percent }}", "{{ value | per cent }}", "test.yaml:31:12: 'annotations.summary' has a place that cannot be filled: '{{ value | per cent }}': the format 'per cent' is none of percent, seconds, count.")]
    [InlineData("  summary:", "  sumary:", "test.yaml:31:3: 'annotations.summary' is missing.")]
    [InlineData("runbook: docs/runbooks/error-rate.md", "", "test.yaml:2:1: 'runbook' is missing.")]
    [InlineData("for: 5m", "for: 5m\nfor: 6m", "test.yaml:26:1: has a key a second time.")]
    [InlineData("labels:", "labels: [", "is no YAML from here on.")]
    public void What_is_wrong_is_told_with_line_and_key(string right, string wrong, string expected)
    {
        Assert.Contains(right, Full, StringComparison.Ordinal);
        var result = RuleFile.Read("test.yaml", Full.Replace(right, wrong, StringComparison.Ordinal));
        Assert.Null(result.Rule);
        Assert.Contains(result.Errors, error => error.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var result = RuleFile.Read("test.yaml", Full.Replace("15m", "soon", StringComparison.Ordinal).Replace("severity: critical", "severity: bad", StringComparison.Ordinal));
        Assert.Equal(["window", "severity"], result.Errors.Select(error => error.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a\n- b")]
    [InlineData("just a text")]
    [InlineData("&a [*a]")]
    [InlineData("a: &b {c: *b}")]
    [InlineData("? [1, 2]\n: 3")]
    public void What_is_no_rule_is_an_error_and_no_exception(string text) => Assert.NotEmpty(RuleFile.Read("test.yaml", text).Errors);

    [Fact]
    public void A_file_that_is_too_long_is_not_read() =>
        Assert.Equal("test.yaml:1:1: has 65537 characters; at most 65536 are read.", RuleFile.Read("test.yaml", new string('#', RuleFile.MaxCharacters + 1)).Errors.Single().ToString());

    [Fact]
    public void A_wrong_file_is_set_aside_and_the_others_work()
    {
        var folder = Directory.CreateTempSubdirectory("rules-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "a.yaml"), Full);
            File.WriteAllText(Path.Combine(folder, "b.yaml"), "name: [");
            File.WriteAllText(Path.Combine(folder, "c.yaml"), Full);
            var rules = AlertRules.Load(folder);
            Assert.Equal(["a.yaml"], rules.Rules.Select(rule => rule.File));
            Assert.Equal(["b.yaml", "c.yaml"], rules.Broken.Select(file => file.File));
            Assert.Equal("c.yaml:1:1: 'name' has the name 'ErrorsAgainstLastWeek', which a.yaml has already.", rules.Broken[1].Errors.Single().ToString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_is_missing_is_told() =>
        Assert.StartsWith("nowhere:1:1: is the folder of the rules and cannot be read:", AlertRules.Load(Path.Combine(Path.GetTempPath(), "nowhere")).Broken.Single().Errors.Single().ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("1h30m", 5400)]
    [InlineData("1w", 604800)]
    [InlineData("0", 0)]
    public void Durations_are_those_of_Prometheus(string text, int seconds)
    {
        Assert.True(AlertDuration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5x")]
    [InlineData("1m1h")]
    [InlineData("1m1m")]
    [InlineData("-5m")]
    [InlineData("99999999999999999999s")]
    public void Other_texts_are_none(string text) => Assert.False(AlertDuration.TryParse(text, out _));

    [Fact]
    public void Every_measure_has_a_name_of_its_own() =>
        Assert.Equal(
            MeasureCatalog.LedgerMeasures.Count + MeasureCatalog.RedMeasures.Count,
            MeasureCatalog.LedgerMeasures.Concat(MeasureCatalog.RedMeasures).Select(m => m.Name).Distinct().Count());
}
