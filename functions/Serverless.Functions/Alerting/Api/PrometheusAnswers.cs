using System.Globalization;
using System.Text.Json;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Querying;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Api;

/// <summary>
/// Rules and alerts as Prometheus answers <c>/api/v1/rules</c> and <c>/api/v1/alerts</c>; Grafana reads them.
/// </summary>
/// <remarks>Source: prometheus.io/docs/prometheus/latest/querying/api and web/api/v1/api.go (names, order, omitted fields).</remarks>
internal static class PrometheusAnswers
{
    /// <summary>The alerts that are pending or firing.</summary>
    public static JsonAnswer Alerts(IEnumerable<(AlertRule Rule, RuleState? State)> rules, string runbookBase) => Success(json =>
    {
        json.WriteStartArray("alerts");
        foreach (var (rule, state) in rules)
        {
            foreach (var alert in Active(state))
                Write(json, rule, alert, runbookBase);
        }

        json.WriteEndArray();
    });

    /// <summary>The rules, a group for each file.</summary>
    public static JsonAnswer Rules(IEnumerable<(AlertRule Rule, RuleState? State)> rules, bool hasAlerts, string runbookBase) => Success(json =>
    {
        json.WriteStartArray("groups");
        foreach (var (rule, state) in rules)
        {
            json.WriteStartObject();
            json.WriteString("name", GroupOf(rule));
            json.WriteString("file", rule.File);
            json.WriteStartArray("rules");
            Write(json, rule, state, hasAlerts, runbookBase);
            json.WriteEndArray();
            json.WriteNumber("interval", rule.Interval.TotalSeconds);
            json.WriteNumber("limit", RuleStep.MaxAlerts);
            Evaluated(json, state);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>Prometheus' own form of an error.</summary>
    public static JsonAnswer Error(int status, string type, string text) => new(JsonAnswer.Whole(json =>
    {
        json.WriteStartObject();
        json.WriteString("status", "error");
        json.WriteString("errorType", type);
        json.WriteString("error", text);
        json.WriteEndObject();
    })) { Status = status };

    /// <summary>The group that a rule is in: its file's name.</summary>
    public static string GroupOf(AlertRule rule) => rule.File.Length > 0 ? Path.GetFileNameWithoutExtension(rule.File) : "built-in";

    private static JsonAnswer Success(Action<Utf8JsonWriter> data) => JsonAnswer.Of(json =>
    {
        json.WriteStartObject();
        json.WriteString("status", "success");
        json.WriteStartObject("data");
        data(json);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, AlertRule rule, RuleState? state, bool hasAlerts, string runbookBase)
    {
        var active = Active(state).ToArray();
        json.WriteStartObject();
        json.WriteString("state", active.Any(a => a.Status == AlertStatus.Firing) ? "firing" : active.Length > 0 ? "pending" : "inactive");
        json.WriteString("name", rule.Name);
        json.WriteString("query", rule.Expression());
        json.WriteNumber("duration", rule.Timing.For.TotalSeconds);
        json.WriteNumber("keepFiringFor", rule.Timing.KeepFiringFor.TotalSeconds);
        JsonBody.Labels(json, "labels", LabelSet.Of(rule.Labels.Values.Where(label => label.Key != AlertRule.NameLabel)));
        json.WriteStartObject("annotations");
        foreach (var (name, text) in rule.Annotations)
            json.WriteString(name, text.ToString());
        if (rule.Runbook.Length > 0)
            json.WriteString(AlertRule.RunbookAnnotation, rule.RunbookIn(runbookBase));
        json.WriteEndObject();
        json.WriteStartArray("alerts");
        foreach (var alert in hasAlerts ? active : [])
            Write(json, rule, alert, runbookBase);
        json.WriteEndArray();
        json.WriteString("health", state is null ? "unknown" : state.Error is null ? "ok" : "err");
        if (state?.Error is { } error)
            json.WriteString("lastError", error);
        Evaluated(json, state);
        json.WriteString("type", "alerting");
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AlertRule rule, AlertState alert, string runbookBase)
    {
        json.WriteStartObject();
        JsonBody.Labels(json, "labels", rule.LabelsOf(alert.Labels));
        JsonBody.Labels(json, "annotations", rule.AnnotationsOf(alert, runbookBase));
        json.WriteString("state", alert.Status == AlertStatus.Firing ? "firing" : "pending");
        json.WriteString("activeAt", JsonBody.Time(alert.ActiveAt));
        json.WriteString("value", Number(alert.Value));
        json.WriteEndObject();
    }

    private static IEnumerable<AlertState> Active(RuleState? state) =>
        state?.Alerts.Where(alert => alert.Status is AlertStatus.Pending or AlertStatus.Firing) ?? [];

    private static void Evaluated(Utf8JsonWriter json, RuleState? state)
    {
        json.WriteNumber("evaluationTime", state?.EvaluationSeconds ?? 0);
        json.WriteString("lastEvaluation", state is null ? "0001-01-01T00:00:00Z" : JsonBody.Time(state.EvaluatedAt));
    }

    /// <summary>As Go's <c>strconv.FormatFloat(v, 'e', -1, 64)</c>: <c>1.5e+00</c>.</summary>
    internal static string Number(double value)
    {
        if (double.IsNaN(value))
            return "NaN";
        if (double.IsInfinity(value))
            return value > 0 ? "+Inf" : "-Inf";
        var shortest = value.ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits < 17; digits++)
        {
            var text = value.ToString($"E{digits}", CultureInfo.InvariantCulture);
            if (double.Parse(text, CultureInfo.InvariantCulture).Equals(value))
            {
                shortest = text;
                break;
            }
        }

        var at = shortest.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(shortest.AsSpan(at + 2), CultureInfo.InvariantCulture);
        return $"{shortest[..at]}e{shortest[at + 1]}{exponent:00}";
    }
}
