using System.Globalization;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>
/// What takes the webhooks of Azure Monitor's action groups: the common alert schema, one alert a call.
/// </summary>
/// <remarks>Source: learn.microsoft.com, "Common alert schema" (schemaId azureMonitorCommonAlertSchema, essentials 1.0).</remarks>
internal sealed class AzureMonitorFormat : INotificationFormat
{
    /// <inheritdoc/>
    public int MaxEvents => 1;

    /// <inheritdoc/>
    public HttpRequestMessage Write(Notification notification, Receiver receiver, FormatContext context) => JsonBody.Post(receiver.Address, json =>
    {
        var alert = notification.Events[0];
        var isFiring = alert.To == AlertStatus.Firing;
        json.WriteStartObject();
        json.WriteString("schemaId", "azureMonitorCommonAlertSchema");
        json.WriteStartObject("data");
        json.WriteStartObject("essentials");
        // The same for the firing and the end of one alert, so that the one closes the other.
        var origin = $"{alert.Labels.Fingerprint()}-{(alert.FiredAt ?? alert.At).ToUnixTimeSeconds()}";
        json.WriteString("alertId", $"{context.Link}/{origin}");
        json.WriteString("alertRule", alert.Rule);
        json.WriteString("severity", alert.Labels[AlertRule.SeverityLabel] switch { "critical" => "Sev0", "warning" => "Sev2", _ => "Sev3" });
        json.WriteString("signalType", "Metric");
        json.WriteString("monitorCondition", isFiring ? "Fired" : "Resolved");
        json.WriteString("monitoringService", "Serverless");
        json.WriteStartArray("alertTargetIDs");
        json.WriteEndArray();
        json.WriteStartArray("configurationItems");
        if (alert.Labels["service"] is { Length: > 0 } service)
            json.WriteStringValue(service);
        json.WriteEndArray();
        json.WriteString("originAlertId", origin);
        json.WriteString("firedDateTime", JsonBody.Time(alert.FiredAt ?? alert.At));
        if (alert.ResolvedAt is { } end)
            json.WriteString("resolvedDateTime", JsonBody.Time(end));
        json.WriteString("description", MessageTexts.Summary(alert));
        json.WriteString("essentialsVersion", "1.0");
        json.WriteString("alertContextVersion", "1.0");
        json.WriteEndObject();
        json.WriteStartObject("alertContext");
        json.WriteString("id", notification.Id);
        json.WriteString("value", alert.Value.ToString("R", CultureInfo.InvariantCulture));
        JsonBody.Labels(json, "labels", alert.Labels);
        JsonBody.Labels(json, "annotations", alert.Annotations);
        json.WriteEndObject();
        JsonBody.Labels(json, "customProperties", alert.Labels);
        json.WriteEndObject();
        json.WriteEndObject();
    });
}
