using System.Text.Json;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>
/// A Teams workflow ("post to a channel when a webhook request is received"): a message with an Adaptive Card. Teams takes
/// messages of up to 28 KB.
/// </summary>
/// <remarks>Source: learn.microsoft.com, "Create incoming webhooks with Workflows for Microsoft Teams", and adaptivecards.io (version 1.4).</remarks>
internal sealed class TeamsFormat : INotificationFormat
{
    private const string Card = "application/vnd.microsoft.card.adaptive";

    /// <inheritdoc/>
    public int MaxEvents => 100;

    /// <inheritdoc/>
    public HttpRequestMessage Write(Notification notification, Receiver receiver, FormatContext context) => JsonBody.Post(receiver.Address, json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "message");
        json.WriteStartArray("attachments");
        json.WriteStartObject();
        json.WriteString("contentType", Card);
        json.WriteNull("contentUrl");
        json.WriteStartObject("content");
        json.WriteString("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
        json.WriteString("type", "AdaptiveCard");
        json.WriteString("version", "1.4");
        json.WriteStartArray("body");
        Block(json, MessageTexts.Title(notification), notification.IsFiring ? "Attention" : "Good", isTitle: true);
        foreach (var alert in notification.Events.Take(MessageTexts.MaxShown))
            Write(json, alert);
        if (notification.Events.Count > MessageTexts.MaxShown)
            Block(json, $"… and {notification.Events.Count - MessageTexts.MaxShown} more", "Default");
        json.WriteEndArray();
        json.WriteStartObject("msteams");
        json.WriteString("width", "Full");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, AlertEvent alert)
    {
        var isFiring = alert.To == AlertStatus.Firing;
        Block(json, $"{(isFiring ? "Firing" : "Resolved")}: {MessageTexts.Summary(alert)}", isFiring ? "Attention" : "Good");
        json.WriteStartObject();
        json.WriteString("type", "FactSet");
        json.WriteStartArray("facts");
        Fact(json, "Labels", MessageTexts.Labels(alert));
        Fact(json, isFiring ? "Since" : "Ended", JsonBody.Time(isFiring ? alert.FiredAt : alert.ResolvedAt));
        if (alert.Annotations[AlertRule.RunbookAnnotation] is { Length: > 0 } runbook)
            Fact(json, "Runbook", MessageTexts.Cut(runbook));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Block(Utf8JsonWriter json, string text, string color, bool isTitle = false)
    {
        json.WriteStartObject();
        json.WriteString("type", "TextBlock");
        json.WriteString("text", WithoutLinks(text));
        json.WriteString("color", color);
        json.WriteBoolean("wrap", true);
        if (isTitle)
        {
            json.WriteString("size", "Large");
            json.WriteString("weight", "Bolder");
        }

        json.WriteEndObject();
    }

    private static void Fact(Utf8JsonWriter json, string title, string value)
    {
        json.WriteStartObject();
        json.WriteString("title", title);
        json.WriteString("value", WithoutLinks(value));
        json.WriteEndObject();
    }

    /// <summary>Names that senders chose are no Markdown links.</summary>
    private static string WithoutLinks(string text) => text.Replace("](", "] (", StringComparison.Ordinal);
}
