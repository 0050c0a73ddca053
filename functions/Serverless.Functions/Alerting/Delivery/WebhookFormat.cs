using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>
/// A webhook: the JSON is what Alertmanager sends to its webhooks (version 4), with the message's id; the signature is that of
/// the Standard Webhooks, which there are libraries for in most languages.
/// </summary>
/// <remarks>
/// Source: prometheus.io/docs/alerting/latest/configuration (webhook_config) and github.com/standard-webhooks. Signed is
/// <c>id.timestamp.body</c> with HMAC-SHA256; the timestamp is that of the try, so that a message cannot be played back later.
/// </remarks>
internal sealed class WebhookFormat : INotificationFormat
{
    /// <summary>The message's id, the same for each try.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>Seconds since 1970 at the time of the try.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>A <c>v1,</c> signature for each secret, separated by spaces.</summary>
    public const string SignatureHeader = "webhook-signature";

    private const string SecretPrefix = "whsec_";

    /// <inheritdoc/>
    public int MaxEvents => 100;

    /// <summary>The keys that a setting means; null where it is malformed.</summary>
    public static IReadOnlyList<byte[]>? Keys(string secrets)
    {
        var keys = new List<byte[]>();
        foreach (var secret in secrets.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var key = new byte[secret.Length];
            if (!secret.StartsWith(SecretPrefix, StringComparison.Ordinal) || !Convert.TryFromBase64String(secret[SecretPrefix.Length..], key, out var length) || length < 16)
                return null;
            keys.Add(key[..length]);
        }

        return keys;
    }

    /// <summary>The signature of a message.</summary>
    public static string Sign(byte[] key, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")));
        hmac.AppendData(body);
        return "v1," + Convert.ToBase64String(hmac.GetHashAndReset());
    }

    /// <inheritdoc/>
    public HttpRequestMessage Write(Notification notification, Receiver receiver, FormatContext context)
    {
        var body = JsonBody.Bytes(json => Write(json, notification, context));
        var request = JsonBody.Post(receiver.Address, body);
        var timestamp = context.Now.ToUnixTimeSeconds();
        request.Headers.Add(IdHeader, notification.Id);
        request.Headers.Add(TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        if (receiver.Keys.Count > 0)
            request.Headers.Add(SignatureHeader, string.Join(' ', receiver.Keys.Select(key => Sign(key, notification.Id, timestamp, body))));
        return request;
    }

    private static void Write(Utf8JsonWriter json, Notification notification, FormatContext context)
    {
        json.WriteStartObject();
        json.WriteString("version", "4");
        json.WriteString("id", notification.Id);
        json.WriteString("groupKey", $"{{}}:{notification.GroupLabels}");
        json.WriteNumber("truncatedAlerts", 0);
        json.WriteString("status", notification.IsFiring ? "firing" : "resolved");
        json.WriteString("receiver", notification.Receiver);
        JsonBody.Labels(json, "groupLabels", notification.GroupLabels);
        JsonBody.Labels(json, "commonLabels", Common(notification.Events, e => e.Labels));
        JsonBody.Labels(json, "commonAnnotations", Common(notification.Events, e => e.Annotations));
        json.WriteString("externalURL", context.ExternalUrl);
        json.WriteStartArray("alerts");
        foreach (var alert in notification.Events)
        {
            json.WriteStartObject();
            json.WriteString("status", alert.To == AlertStatus.Firing ? "firing" : "resolved");
            JsonBody.Labels(json, "labels", alert.Labels);
            JsonBody.Labels(json, "annotations", alert.Annotations);
            json.WriteString("startsAt", JsonBody.Time(alert.FiredAt ?? alert.At));
            json.WriteString("endsAt", alert.ResolvedAt is { } end ? JsonBody.Time(end) : "0001-01-01T00:00:00Z");
            json.WriteString("generatorURL", context.Link);
            json.WriteString("fingerprint", alert.Labels.Fingerprint());
            if (double.IsFinite(alert.Value))
                json.WriteNumber("value", alert.Value);
            json.WriteBoolean("repeated", alert.IsRepeat);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static LabelSet Common(IReadOnlyList<AlertEvent> events, Func<AlertEvent, LabelSet> labels) =>
        LabelSet.Of(labels(events[0]).Values.Where(label => events.All(e => labels(e)[label.Key] == label.Value)));
}
