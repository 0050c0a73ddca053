using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Resources;

namespace Serverless.Local;

/// <summary>
/// Spans as envelopes: server and consumer spans are requests, others dependencies; events that are exceptions are exceptions, others messages.
/// </summary>
internal sealed class MonitorSpanExporter(BreezeTransmitter transmitter) : BaseExporter<Activity>
{
    private const string Exception = "exception";

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Activity> batch)
    {
        var resource = ParentProvider.GetResource();
        var envelopes = new List<byte[]>();
        foreach (var activity in batch)
        {
            envelopes.Add(Span(activity, resource));
            foreach (var happened in activity.Events)
                envelopes.Add(Event(activity, happened, resource));
        }

        return transmitter.Send(envelopes);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            transmitter.Dispose();
        base.Dispose(disposing);
    }

    private byte[] Span(Activity activity, Resource resource)
    {
        var isRequest = activity.Kind is ActivityKind.Server or ActivityKind.Consumer;
        var status = Tag(activity, "http.response.status_code") ?? "0";
        return BreezeEnvelope.Write(
            isRequest ? "Request" : "RemoteDependency", activity.StartTimeUtc, transmitter.InstrumentationKey, resource,
            [
                new("ai.operation.id", activity.TraceId.ToHexString()),
                new("ai.operation.parentId", activity.ParentSpanId == default ? null : activity.ParentSpanId.ToHexString()),
                new("ai.operation.name", isRequest ? activity.DisplayName : null),
            ],
            json =>
            {
                json.WriteString("id", activity.SpanId.ToHexString());
                json.WriteString("name", activity.DisplayName);
                json.WriteString("duration", activity.Duration.ToString("c", CultureInfo.InvariantCulture));
                json.WriteBoolean("success", activity.Status != ActivityStatusCode.Error);
                json.WriteString(isRequest ? "responseCode" : "resultCode", status);
                if (!isRequest)
                    json.WriteString("type", activity.Kind == ActivityKind.Internal ? "InProc" : activity.Kind == ActivityKind.Producer ? "Queue Message" : "Http");
                BreezeEnvelope.Properties(json, activity.TagObjects);
            });
    }

    private byte[] Event(Activity activity, ActivityEvent happened, Resource resource)
    {
        var isException = happened.Name == Exception;
        return BreezeEnvelope.Write(
            isException ? "Exception" : "Message", happened.Timestamp.UtcDateTime, transmitter.InstrumentationKey, resource,
            [new("ai.operation.id", activity.TraceId.ToHexString()), new("ai.operation.parentId", activity.SpanId.ToHexString())],
            json =>
            {
                if (isException)
                    WriteException(json, happened);
                else
                    json.WriteString("message", happened.Name);
                BreezeEnvelope.Properties(json, happened.Tags.Where(tag => !tag.Key.StartsWith(Exception + ".", StringComparison.Ordinal)));
            });
    }

    private static void WriteException(Utf8JsonWriter json, ActivityEvent happened)
    {
        var tags = happened.Tags.ToDictionary(tag => tag.Key, tag => tag.Value?.ToString() ?? "");
        json.WriteStartArray("exceptions");
        json.WriteStartObject();
        json.WriteString("typeName", tags.GetValueOrDefault("exception.type", ""));
        json.WriteString("message", tags.GetValueOrDefault("exception.message", ""));
        json.WriteBoolean("hasFullStack", tags.ContainsKey("exception.stacktrace"));
        json.WriteString("stack", tags.GetValueOrDefault("exception.stacktrace", ""));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static string? Tag(Activity activity, string name) => Convert.ToString(activity.GetTagItem(name), CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null;
}
