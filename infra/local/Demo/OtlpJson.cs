using System.Globalization;
using System.Text.Json;

namespace Serverless.Local;

/// <summary>
/// Writes the shop's spans as an OTLP/JSON ExportTraceServiceRequest: ids in hex, 64-bit integers as text, enumerations as numbers, bytes in base64
/// (opentelemetry-proto, docs/specification.md, "JSON Protobuf Encoding").
/// </summary>
internal static class OtlpJson
{
    private const string ResourceSchema = "https://opentelemetry.io/schemas/1.26.0";
    private const int StatusError = 2;
    private const int SampledFlag = 1;
    private const int RemoteKnownFlag = 0x100;
    private const int RemoteParentFlag = 0x200;

    /// <summary>Writes a request of spans whose time 0 is <paramref name="begin"/> (Unix, ns), grouped by service.</summary>
    public static byte[] Write(IEnumerable<ShopSpan> spans, long begin, Func<string, IEnumerable<(string Key, object Value)>> resource)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans");
            foreach (var service in spans.GroupBy(span => span.Service))
            {
                json.WriteStartObject();
                json.WriteStartObject("resource");
                WriteAttributes(json, resource(service.Key));
                json.WriteEndObject();
                json.WriteStartArray("scopeSpans");
                json.WriteStartObject();
                json.WriteStartObject("scope");
                json.WriteString("name", $"shop.{service.Key}");
                json.WriteString("version", "1.4.0");
                json.WriteEndObject();
                json.WriteStartArray("spans");
                foreach (var span in service)
                    WriteSpan(json, span, begin);
                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteString("schemaUrl", ResourceSchema);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteSpan(Utf8JsonWriter json, ShopSpan span, long begin)
    {
        json.WriteStartObject();
        json.WriteString("traceId", span.TraceId);
        json.WriteString("spanId", span.SpanId);
        if (span.Parent is not null)
            json.WriteString("parentSpanId", span.Parent.SpanId);
        var hasRemoteParent = span.Parent is not null && span.Parent.Service != span.Service;
        json.WriteNumber("flags", SampledFlag | RemoteKnownFlag | (hasRemoteParent ? RemoteParentFlag : 0));
        json.WriteString("name", span.Name);
        json.WriteNumber("kind", span.Kind);
        json.WriteString("startTimeUnixNano", Text(begin + span.Start));
        json.WriteString("endTimeUnixNano", Text(begin + span.End));
        WriteAttributes(json, span.Attributes);
        if (span.Events.Count > 0)
        {
            json.WriteStartArray("events");
            foreach (var (time, name, attributes) in span.Events)
            {
                json.WriteStartObject();
                json.WriteString("timeUnixNano", Text(begin + time));
                json.WriteString("name", name);
                WriteAttributes(json, attributes);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (span.Links.Count > 0)
        {
            json.WriteStartArray("links");
            foreach (var link in span.Links)
            {
                json.WriteStartObject();
                json.WriteString("traceId", link.TraceId);
                json.WriteString("spanId", link.SpanId);
                WriteAttributes(json, [("messaging.operation.type", "process")]);
                json.WriteNumber("flags", SampledFlag | RemoteKnownFlag | RemoteParentFlag);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteStartObject("status");
        if (span.Error is not null)
        {
            json.WriteString("message", span.Error);
            json.WriteNumber("code", StatusError);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAttributes(Utf8JsonWriter json, IEnumerable<(string Key, object Value)> attributes, string name = "attributes")
    {
        json.WriteStartArray(name);
        foreach (var (key, value) in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WritePropertyName("value");
            WriteValue(json, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, object value)
    {
        json.WriteStartObject();
        switch (value)
        {
            case string text:
                json.WriteString("stringValue", text);
                break;
            case long integer:
                json.WriteString("intValue", Text(integer));
                break;
            case double number:
                json.WriteNumber("doubleValue", number);
                break;
            case bool truth:
                json.WriteBoolean("boolValue", truth);
                break;
            case byte[] bytes:
                json.WriteBase64String("bytesValue", bytes);
                break;
            case (string, object)[] map:
                json.WriteStartObject("kvlistValue");
                WriteAttributes(json, map, "values");
                json.WriteEndObject();
                break;
            case object[] array:
                json.WriteStartObject("arrayValue");
                json.WriteStartArray("values");
                foreach (var element in array)
                    WriteValue(json, element);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            default:
                throw new ArgumentException($"The demo has no attribute of type {value.GetType()}.", nameof(value));
        }

        json.WriteEndObject();
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
