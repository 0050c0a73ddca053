using System.Text.Json;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>A Slack incoming webhook: a line of text for notifications, and an attachment with a coloured bar for each alert.</summary>
/// <remarks>Source: docs.slack.dev, messaging/sending-messages-using-incoming-webhooks and messaging/formatting-message-text (escaping).</remarks>
internal sealed class SlackFormat : INotificationFormat
{
    /// <inheritdoc/>
    public int MaxEvents => 100;

    /// <inheritdoc/>
    public HttpRequestMessage Write(Notification notification, Receiver receiver, FormatContext context) => JsonBody.Post(receiver.Address, json =>
    {
        json.WriteStartObject();
        json.WriteString("text", Escape(MessageTexts.Title(notification)));
        json.WriteStartArray("attachments");
        foreach (var alert in notification.Events.Take(MessageTexts.MaxShown))
            Write(json, alert);
        if (notification.Events.Count > MessageTexts.MaxShown)
        {
            json.WriteStartObject();
            json.WriteString("text", $"… and {notification.Events.Count - MessageTexts.MaxShown} more");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, AlertEvent alert)
    {
        var isFiring = alert.To == AlertStatus.Firing;
        var color = !isFiring ? "#2eb886" : alert.Labels[AlertRule.SeverityLabel] == "critical" ? "#a30200" : "#daa038";
        var text = $"*{(isFiring ? "Firing" : "Resolved")}*: {Escape(MessageTexts.Summary(alert))}\n{Escape(MessageTexts.Labels(alert))}";
        if (alert.Annotations[AlertRule.RunbookAnnotation] is { Length: > 0 } runbook)
            text += runbook.Contains("://", StringComparison.Ordinal) ? $"\n<{Escape(runbook)}|Runbook>" : $"\nRunbook: {Escape(runbook)}";
        json.WriteStartObject();
        json.WriteString("color", color);
        json.WriteString("fallback", Escape(MessageTexts.Summary(alert)));
        json.WriteString("text", text);
        json.WriteStartArray("mrkdwn_in");
        json.WriteStringValue("text");
        json.WriteEndArray();
        json.WriteNumber("ts", alert.At.ToUnixTimeSeconds());
        json.WriteEndObject();
    }

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
