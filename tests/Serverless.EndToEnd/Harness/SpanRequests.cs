using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;
using Serverless.Benchmarks.Load;

namespace Serverless.EndToEnd.Harness;

/// <summary>Made spans as the requests that real senders would make of them.</summary>
internal static class SpanRequests
{
    private const int ClientKind = 3;
    private const int ServerKind = 2;
    private const int InternalKind = 1;

    /// <summary>A POST of spans, to be sent to the system's address.</summary>
    public static HttpRequestMessage Post(IEnumerable<MadeSpan> spans, bool isOtlp, bool isCompressed)
    {
        var body = isOtlp ? Otlp(spans) : Zipkin(spans);
        var content = new ByteArrayContent(isCompressed ? Gzip(body) : body);
        content.Headers.ContentType = new MediaTypeHeaderValue(isOtlp ? "application/x-protobuf" : "application/json");
        if (isCompressed)
            content.Headers.ContentEncoding.Add("gzip");
        return new HttpRequestMessage(HttpMethod.Post, isOtlp ? "v1/traces" : "api/v2/spans") { Content = content };
    }

    /// <summary>A body compressed with gzip.</summary>
    public static byte[] Gzip(ReadOnlySpan<byte> body)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(body);
        return compressed.ToArray();
    }

    /// <summary>Zipkin JSON v2.</summary>
    public static byte[] Zipkin(IEnumerable<MadeSpan> spans)
    {
        var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartArray();
            foreach (var span in spans)
                WriteZipkin(json, span);
            json.WriteEndArray();
        }

        return body.ToArray();
    }

    /// <summary>An OTLP ExportTraceServiceRequest (opentelemetry-proto, trace/v1), a resource for each service.</summary>
    public static byte[] Otlp(IEnumerable<MadeSpan> spans)
    {
        var writer = new ProtobufWriter();
        foreach (var service in spans.GroupBy(span => span.Service))
        {
            var resourceSpans = writer.Begin(1);
            var resource = writer.Begin(1);
            WriteAttribute(writer, 1, "service.name", service.Key);
            writer.End(resource);
            var scopeSpans = writer.Begin(2);
            foreach (var span in service)
                WriteOtlp(writer, span);
            writer.End(scopeSpans);
            writer.End(resourceSpans);
        }

        return writer.Written.ToArray();
    }

    private static void WriteZipkin(Utf8JsonWriter json, MadeSpan span)
    {
        json.WriteStartObject();
        json.WriteString("traceId", span.TraceId);
        json.WriteString("id", span.Id);
        if (span.ParentId is not null)
            json.WriteString("parentId", span.ParentId);
        if (span.Kind is not null)
            json.WriteString("kind", span.Kind);
        json.WriteString("name", span.Name);
        json.WriteNumber("timestamp", span.StartMicroseconds);
        json.WriteNumber("duration", span.DurationMicroseconds);
        json.WriteStartObject("localEndpoint");
        json.WriteString("serviceName", span.Service);
        json.WriteEndObject();
        json.WriteStartObject("tags");
        json.WriteString("check", span.Check);
        json.WriteString("payload", span.Payload);
        json.WriteString("took", span.DurationMicroseconds.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        if (span.IsShared)
            json.WriteBoolean("shared", true);
        json.WriteEndObject();
    }

    private static void WriteOtlp(ProtobufWriter writer, MadeSpan span)
    {
        var start = writer.Begin(2);
        writer.Bytes(1, Convert.FromHexString(span.TraceId.PadLeft(32, '0')));
        writer.Bytes(2, Convert.FromHexString(span.Id));
        if (span.ParentId is not null)
            writer.Bytes(4, Convert.FromHexString(span.ParentId));
        writer.Text(5, span.Name);
        writer.Integer(6, span.Kind switch { "CLIENT" => ClientKind, "SERVER" => ServerKind, _ => InternalKind });
        writer.Long(7, (ulong)span.StartMicroseconds * 1_000);
        writer.Long(8, (ulong)(span.StartMicroseconds + span.DurationMicroseconds) * 1_000);
        WriteAttribute(writer, 9, "check", span.Check);
        WriteAttribute(writer, 9, "payload", span.Payload);
        var attribute = writer.Begin(9);
        writer.Text(1, "took");
        var any = writer.Begin(2);
        writer.Integer(3, span.DurationMicroseconds);
        writer.End(any);
        writer.End(attribute);
        writer.End(start);
    }

    private static void WriteAttribute(ProtobufWriter writer, int field, string key, string value)
    {
        var attribute = writer.Begin(field);
        writer.Text(1, key);
        var any = writer.Begin(2);
        writer.Text(1, value);
        writer.End(any);
        writer.End(attribute);
    }
}
