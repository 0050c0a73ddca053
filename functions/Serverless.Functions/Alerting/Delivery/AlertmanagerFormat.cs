using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>
/// Alertmanager's own API, <c>POST /api/v2/alerts</c>: a list of alerts. It recognises one by its labels, so that what is sent
/// twice is one.
/// </summary>
/// <remarks>
/// Source: api/v2/openapi.yaml of github.com/prometheus/alertmanager. An alert without an end is taken for resolved after a few minutes
/// without word (<c>resolve_timeout</c>), which would make a repetition each minute necessary; with an end it lasts until then.
/// </remarks>
internal sealed class AlertmanagerFormat : INotificationFormat
{
    private const string Path = "/api/v2/alerts";

    /// <inheritdoc/>
    public int MaxEvents => 200;

    /// <inheritdoc/>
    public HttpRequestMessage Write(Notification notification, Receiver receiver, FormatContext context)
    {
        var address = new Uri(receiver.Address.GetLeftPart(UriPartial.Path).TrimEnd('/') + Path);
        return JsonBody.Post(address, json =>
        {
            json.WriteStartArray();
            // The last word on each alert.
            foreach (var alert in notification.Events.GroupBy(e => e.Labels).Select(g => g.Last()))
            {
                json.WriteStartObject();
                JsonBody.Labels(json, "labels", alert.Labels);
                JsonBody.Labels(json, "annotations", alert.Annotations);
                json.WriteString("startsAt", JsonBody.Time(alert.FiredAt ?? alert.At));
                var end = alert.To == AlertStatus.Firing ? context.Now + (2 * context.RepeatInterval) : alert.ResolvedAt ?? alert.At;
                json.WriteString("endsAt", JsonBody.Time(end));
                if (context.Link.Length > 0)
                    json.WriteString("generatorURL", context.Link);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }
}
