using System.Text.Json;
using Serverless.Functions.Alerting;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Tests.Alerting;

/// <summary>The messages as their receivers' documentation says.</summary>
public sealed class FormatTests
{
    private static readonly DateTimeOffset Fired = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = Fired.AddMinutes(1);

    [Fact]
    public async Task An_Alertmanager_gets_a_list_of_alerts_that_end_when_they_are_not_repeated()
    {
        var (address, json) = await WriteAsync("alertmanager", Event(AlertStatus.Firing), Event(AlertStatus.Resolved, "cart"));
        Assert.Equal("https://hooks.example.com/base/api/v2/alerts", address);
        Assert.Equal(
            """
            [{"labels":{"alertname":"Dropped","service":"shop","severity":"critical"},"annotations":{"runbook_url":"https://docs/run","summary":"shop <lost> & more"},"startsAt":"2026-03-02T12:00:00Z","endsAt":"2026-03-02T20:01:00Z","generatorURL":"https://traces.example.com/api/v1/alerts"},{"labels":{"alertname":"Dropped","service":"cart","severity":"critical"},"annotations":{"runbook_url":"https://docs/run","summary":"cart <lost> & more"},"startsAt":"2026-03-02T12:00:00Z","endsAt":"2026-03-02T12:00:30Z","generatorURL":"https://traces.example.com/api/v1/alerts"}]
            """,
            json.GetRawText());
    }

    [Fact]
    public async Task An_Alertmanager_gets_the_last_word_on_each_alert()
    {
        var (_, json) = await WriteAsync("alertmanager", Event(AlertStatus.Firing), Event(AlertStatus.Resolved));
        Assert.Equal("2026-03-02T12:00:30Z", json.EnumerateArray().Single().GetProperty("endsAt").GetString());
    }

    [Fact]
    public async Task A_webhook_gets_Alertmanagers_version_4()
    {
        var (_, json) = await WriteAsync("webhook", Event(AlertStatus.Firing), Event(AlertStatus.Resolved, "cart"));
        Assert.Equal(
            ["version", "id", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels", "commonLabels", "commonAnnotations", "externalURL", "alerts"],
            json.EnumerateObject().Select(p => p.Name));
        Assert.Equal("firing", json.GetProperty("status").GetString());
        Assert.Equal(
            ["firing 2026-03-02T12:00:00Z 0001-01-01T00:00:00Z", "resolved 2026-03-02T12:00:00Z 2026-03-02T12:00:30Z"],
            json.GetProperty("alerts").EnumerateArray().Select(a => $"{a.GetProperty("status")} {a.GetProperty("startsAt")} {a.GetProperty("endsAt")}"));
        Assert.Equal(16, json.GetProperty("alerts")[0].GetProperty("fingerprint").GetString()!.Length);
    }

    [Fact]
    public async Task Slack_gets_a_text_and_coloured_attachments_with_its_own_escapes()
    {
        var (_, json) = await WriteAsync("slack", Event(AlertStatus.Firing), Event(AlertStatus.Resolved, "cart"));
        Assert.Equal("[FIRING:1] Dropped", json.GetProperty("text").GetString());
        var attachments = json.GetProperty("attachments");
        Assert.Equal(["#a30200", "#2eb886"], attachments.EnumerateArray().Select(a => a.GetProperty("color").GetString()));
        Assert.Equal(
            "*Firing*: shop &lt;lost&gt; &amp; more\nservice=shop, severity=critical\n<https://docs/run|Runbook>", attachments[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Teams_gets_an_adaptive_card_of_a_size_that_it_takes()
    {
        var (_, json) = await WriteAsync("teams", [.. Enumerable.Range(0, 100).Select(i => Event(AlertStatus.Firing, $"service{i}{new string('x', 500)}"))]);
        Assert.True(json.GetRawText().Length < 28 * 1024, $"{json.GetRawText().Length} bytes");
        var attachment = json.GetProperty("attachments")[0];
        Assert.Equal("application/vnd.microsoft.card.adaptive", attachment.GetProperty("contentType").GetString());
        var content = attachment.GetProperty("content");
        Assert.Equal(("AdaptiveCard", "1.4"), (content.GetProperty("type").GetString(), content.GetProperty("version").GetString()));
        var body = content.GetProperty("body").EnumerateArray().ToArray();
        Assert.Equal("[FIRING:100] Dropped", body[0].GetProperty("text").GetString());
        Assert.Equal("FactSet", body[2].GetProperty("type").GetString());
        Assert.Equal("… and 90 more", body[^1].GetProperty("text").GetString());
    }

    [Fact]
    public async Task What_senders_call_themselves_is_no_link_in_Teams()
    {
        var (_, json) = await WriteAsync("teams", Event(AlertStatus.Firing, "[shop](https://elsewhere.example)"));
        Assert.Contains("[shop] (https://elsewhere.example)", json.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("](", json.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AlertStatus.Firing, "Fired")]
    [InlineData(AlertStatus.Resolved, "Resolved")]
    public async Task Azure_Monitor_gets_the_common_alert_schema(AlertStatus status, string condition)
    {
        var (_, json) = await WriteAsync("azuremonitor", Event(status));
        Assert.Equal("azureMonitorCommonAlertSchema", json.GetProperty("schemaId").GetString());
        var essentials = json.GetProperty("data").GetProperty("essentials");
        Assert.Equal(condition, essentials.GetProperty("monitorCondition").GetString());
        Assert.Equal(("Dropped", "Sev0", "1.0"), (essentials.GetProperty("alertRule").GetString(), essentials.GetProperty("severity").GetString(), essentials.GetProperty("essentialsVersion").GetString()));
        Assert.Equal("2026-03-02T12:00:00Z", essentials.GetProperty("firedDateTime").GetString());
        Assert.Equal(status == AlertStatus.Resolved, essentials.TryGetProperty("resolvedDateTime", out _));
        // Fired and resolved name the same alert.
        Assert.Equal((await WriteAsync("azuremonitor", Event(AlertStatus.Firing))).Json.GetProperty("data").GetProperty("essentials").GetProperty("originAlertId").GetString(), essentials.GetProperty("originAlertId").GetString());
    }

    private static AlertEvent Event(AlertStatus to, string service = "shop") => new()
    {
        Rule = "Dropped", From = to == AlertStatus.Firing ? AlertStatus.Ok : AlertStatus.Firing, To = to, At = to == AlertStatus.Firing ? Fired : Fired.AddSeconds(30),
        Labels = LabelSet.Of([new("alertname", "Dropped"), new("severity", "critical"), new("service", service)]),
        Annotations = LabelSet.Of([new("summary", $"{service} <lost> & more"), new("runbook_url", "https://docs/run")]),
        Value = 3, FiredAt = Fired, ResolvedAt = to == AlertStatus.Resolved ? Fired.AddSeconds(30) : null,
    };

    private static async Task<(string Address, JsonElement Json)> WriteAsync(string type, params IReadOnlyList<AlertEvent> events)
    {
        var receiver = new Receivers(new AlertSettings
        {
            AllowedHosts = ["hooks.example.com"], Receivers = [new ReceiverSettings { Name = "hook", Type = type, Url = "https://hooks.example.com/base/" }],
        }).Find("hook")!;
        var notification = new Notification
        {
            Id = "msg_1", Receiver = "hook", GroupLabels = LabelSet.Of("alertname", "Dropped"), Events = events, CreatedAt = Now, DueAt = Now, Deadline = Now.AddHours(1),
        };
        using var request = receiver.Format.Write(notification, receiver, new FormatContext("https://traces.example.com/", Now, TimeSpan.FromHours(4)));
        Assert.Equal("application/json", request.Content!.Headers.ContentType!.ToString());
        return (request.RequestUri!.ToString(), JsonDocument.Parse(await request.Content.ReadAsStringAsync(CancellationToken.None)).RootElement);
    }
}
