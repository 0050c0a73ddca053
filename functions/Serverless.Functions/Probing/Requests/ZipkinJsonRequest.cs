using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Probing.Requests;

/// <summary>A list of spans in Zipkin's JSON v2 (zipkin-api, zipkin2-api.yaml).</summary>
internal static class ZipkinJsonRequest
{
    private const ulong NanosecondsPerMicrosecond = 1_000;

    public static byte[] Write(IReadOnlyList<Span> spans) => ProbeJson.Write(json =>
    {
        json.WriteStartArray();
        foreach (var span in spans)
            Write(json, span);
        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, Span span)
    {
        json.WriteStartObject();
        json.WriteString("traceId", span.TraceId.ToHex32());
        if (!span.ParentId.IsZero)
            json.WriteString("parentId", span.ParentId.ToString());
        json.WriteString("id", span.Id.ToString());
        if (span.Kind != SpanKind.Unspecified)
            json.WriteString("kind", span.Kind.ToString().ToUpperInvariant());
        json.WriteString("name", span.Name);
        json.WriteNumber("timestamp", span.StartNs / NanosecondsPerMicrosecond);
        json.WriteNumber("duration", (ulong)span.DurationNs / NanosecondsPerMicrosecond);
        Write(json, "localEndpoint", span.Resource.LocalEndpoint);
        Write(json, "remoteEndpoint", span.RemoteEndpoint);
        json.WriteStartArray("annotations");
        foreach (var e in span.Events)
        {
            json.WriteStartObject();
            json.WriteNumber("timestamp", e.TimeNs / NanosecondsPerMicrosecond);
            json.WriteString("value", e.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("tags");
        foreach (var (key, value) in span.Attributes)
            json.WriteString(key, value.Text);
        json.WriteEndObject();
        if (span.IsShared)
            json.WriteBoolean("shared", true);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Endpoint? endpoint)
    {
        if (endpoint is null)
            return;
        json.WriteStartObject(name);
        json.WriteString("serviceName", endpoint.ServiceName);
        json.WriteString("ipv4", endpoint.Ipv4!.ToString());
        json.WriteNumber("port", endpoint.Port);
        json.WriteEndObject();
    }
}
