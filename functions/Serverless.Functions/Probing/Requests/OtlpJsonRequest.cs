using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Probing.Requests;

/// <summary>An <c>ExportTraceServiceRequest</c> in OTLP's JSON (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding").</summary>
internal static class OtlpJsonRequest
{
    public static byte[] Write(IReadOnlyList<Span> spans) => ProbeJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("resourceSpans");
        foreach (var group in spans.GroupBy(span => span.Resource))
        {
            json.WriteStartObject();
            json.WriteStartObject("resource");
            Write(json, "attributes", [new SpanAttribute("service.name", AttributeValue.Of(group.Key.ServiceName)), .. group.Key.Attributes]);
            json.WriteEndObject();
            json.WriteStartArray("scopeSpans");
            json.WriteStartObject();
            var scope = group.First().Scope!;
            json.WriteStartObject("scope");
            json.WriteString("name", scope.Name);
            json.WriteString("version", scope.Version);
            json.WriteEndObject();
            json.WriteStartArray("spans");
            foreach (var span in group)
                Write(json, span);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, Span span)
    {
        json.WriteStartObject();
        json.WriteString("traceId", span.TraceId.ToHex32());
        json.WriteString("spanId", span.Id.ToString());
        json.WriteString("traceState", span.TraceState);
        if (!span.ParentId.IsZero)
            json.WriteString("parentSpanId", span.ParentId.ToString());
        json.WriteString("name", span.Name);
        json.WriteNumber("kind", (int)span.Kind);
        json.WriteString("startTimeUnixNano", Text(span.StartNs));
        json.WriteString("endTimeUnixNano", Text(span.StartNs + (ulong)span.DurationNs));
        Write(json, "attributes", span.Attributes);
        json.WriteStartArray("events");
        foreach (var e in span.Events)
        {
            json.WriteStartObject();
            json.WriteString("timeUnixNano", Text(e.TimeNs));
            json.WriteString("name", e.Name);
            Write(json, "attributes", e.Attributes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("links");
        foreach (var link in span.Links)
        {
            json.WriteStartObject();
            json.WriteString("traceId", link.TraceId.ToHex32());
            json.WriteString("spanId", link.SpanId.ToString());
            Write(json, "attributes", link.Attributes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("status");
        json.WriteString("message", span.StatusMessage);
        json.WriteNumber("code", (int)span.Status);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<SpanAttribute> attributes)
    {
        json.WriteStartArray(name);
        foreach (var (key, value) in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WritePropertyName("value");
            Write(json, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, AttributeValue value)
    {
        json.WriteStartObject();
        switch (value.Type)
        {
            case AttributeType.String:
                json.WriteString("stringValue", value.Text);
                break;
            case AttributeType.True or AttributeType.False:
                json.WriteBoolean("boolValue", value.Type == AttributeType.True);
                break;
            case AttributeType.Int64:
                json.WriteString("intValue", value.Int64.ToString(CultureInfo.InvariantCulture));
                break;
            case AttributeType.Double:
                json.WriteNumber("doubleValue", value.Double);
                break;
            case AttributeType.Bytes:
                json.WriteBase64String("bytesValue", value.Bytes);
                break;
            case AttributeType.Array:
                json.WriteStartObject("arrayValue");
                json.WriteStartArray("values");
                foreach (var item in value.Items)
                    Write(json, item);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case AttributeType.Map:
                json.WriteStartObject("kvlistValue");
                Write(json, "values", value.Entries);
                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
    }
}
