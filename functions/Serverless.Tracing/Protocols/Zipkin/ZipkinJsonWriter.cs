using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Writes spans as Zipkin's JSON v2, in the order of fields of Zipkin's V2SpanWriter: what is absent, zero or false is left out.
/// Spans of other protocols follow OpenTelemetry's specification "OpenTelemetry to Zipkin Transformation"; what it leaves open
/// (resource, trace state, links) becomes tags as the Collector's Zipkin exporter writes them, so that nothing is lost.
/// </summary>
public static class ZipkinJsonWriter
{
    /// <summary>
    /// The local service of a span whose sender named none (OpenTelemetry's default resource); Zipkin's own spans go without.
    /// </summary>
    public const string UnknownService = "unknown_service";

    /// <summary>Writes a trace: a list of its spans in the order given.</summary>
    public static void WriteTrace(Utf8JsonWriter json, IReadOnlyList<Span> spans)
    {
        var tags = new ZipkinTags();
        json.WriteStartArray();
        for (var i = 0; i < spans.Count; i++)
            WriteSpan(json, spans[i], tags);
        json.WriteEndArray();
    }

    /// <summary>Writes one span.</summary>
    public static void WriteSpan(Utf8JsonWriter json, Span span) => WriteSpan(json, span, new ZipkinTags());

    private static void WriteSpan(Utf8JsonWriter json, Span span, ZipkinTags tags)
    {
        json.WriteStartObject();
        HexIds.Write(json, "traceId"u8, span.TraceId);
        // Zipkin's own model has no span that is its own parent; spans of other protocols may be.
        if (!span.ParentId.IsZero && span.ParentId != span.Id)
            HexIds.Write(json, "parentId"u8, span.ParentId);
        HexIds.Write(json, "id"u8, span.Id);
        if (KindOf(span.Kind) is { } kind)
            json.WriteString("kind"u8, kind);
        if (span.Name.Length != 0)
            json.WriteString("name"u8, span.Name.ToLowerInvariant());
        // 0 means unknown to Zipkin.
        if (span.HasStart && span.StartNs >= 1000)
            json.WriteNumber("timestamp"u8, span.StartNs / 1000);
        // Shorter than a microsecond counts as one: to Zipkin 0 means unknown. So does a negative one, which it cannot say.
        if (span.HasDuration && span.DurationNs >= 0)
            json.WriteNumber("duration"u8, Math.Max(span.DurationNs / 1000, 1));
        WriteEndpoint(json, "localEndpoint"u8, LocalEndpoint(span));
        WriteEndpoint(json, "remoteEndpoint"u8, span.RemoteEndpoint ?? ZipkinRemoteEndpoint.Of(span));
        WriteAnnotations(json, span.Events, span.Protocol == SpanProtocol.Zipkin);
        tags.Fill(span);
        tags.Write(json);
        if (span.IsDebug)
            json.WriteBoolean("debug"u8, true);
        if (span.IsShared)
            json.WriteBoolean("shared"u8, true);
        json.WriteEndObject();
    }

    private static string? KindOf(SpanKind kind) => kind switch
    {
        SpanKind.Server => "SERVER",
        SpanKind.Client => "CLIENT",
        SpanKind.Producer => "PRODUCER",
        SpanKind.Consumer => "CONSUMER",
        _ => null,
    };

    private static Endpoint LocalEndpoint(Span span)
    {
        var service = span.ServiceName.Length == 0 && span.Protocol != SpanProtocol.Zipkin ? UnknownService : span.ServiceName;
        var address = span.Resource.LocalEndpoint;
        return new Endpoint(service, address?.Ipv4, address?.Ipv6, address?.Port ?? 0);
    }

    private static void WriteEndpoint(Utf8JsonWriter json, ReadOnlySpan<byte> name, Endpoint? endpoint)
    {
        if (endpoint is null or { ServiceName.Length: 0, Ipv4: null, Ipv6: null, Port: 0 })
            return;
        json.WriteStartObject(name);
        if (endpoint.ServiceName.Length != 0)
            json.WriteString("serviceName"u8, endpoint.ServiceName.ToLowerInvariant());
        WriteAddress(json, "ipv4"u8, endpoint.Ipv4);
        WriteAddress(json, "ipv6"u8, endpoint.Ipv6);
        if (endpoint.Port != 0)
            json.WriteNumber("port"u8, endpoint.Port);
        json.WriteEndObject();
    }

    private static void WriteAddress(Utf8JsonWriter json, ReadOnlySpan<byte> name, IPAddress? address)
    {
        // The longest is IPv6 with a dotted tail: 45 characters.
        Span<byte> text = stackalloc byte[64];
        if (address is not null && address.TryFormat(text, out var length))
            json.WriteString(name, text[..length]);
    }

    // In order of time, then of the text, and of Zipkin's own each once, as in its Span.
    private static void WriteAnnotations(Utf8JsonWriter json, IReadOnlyList<SpanEvent> events, bool isOfZipkin)
    {
        if (events.Count == 0)
            return;
        json.WriteStartArray("annotations"u8);
        if (AreInOrder(events))
        {
            for (var i = 0; i < events.Count; i++)
                WriteAnnotation(json, events[i].TimeNs / 1000, AnnotationOf(events[i]));
        }
        else
        {
            var annotations = new (ulong Time, string Value)[events.Count];
            for (var i = 0; i < annotations.Length; i++)
                annotations[i] = (events[i].TimeNs / 1000, AnnotationOf(events[i]));
            Array.Sort(annotations, static (x, y) => x.Time != y.Time ? x.Time.CompareTo(y.Time) : string.CompareOrdinal(x.Value, y.Value));
            for (var i = 0; i < annotations.Length; i++)
            {
                if (i == 0 || !isOfZipkin || annotations[i] != annotations[i - 1])
                    WriteAnnotation(json, annotations[i].Time, annotations[i].Value);
            }
        }

        json.WriteEndArray();
    }

    private static bool AreInOrder(IReadOnlyList<SpanEvent> events)
    {
        for (var i = 1; i < events.Count; i++)
        {
            if (events[i].TimeNs / 1000 <= events[i - 1].TimeNs / 1000)
                return false;
        }

        return true;
    }

    private static void WriteAnnotation(Utf8JsonWriter json, ulong time, string value)
    {
        json.WriteStartObject();
        json.WriteNumber("timestamp"u8, time);
        json.WriteString("value"u8, value);
        json.WriteEndObject();
    }

    // "name": {"key":"value"}, or the bare name where there is nothing else to say.
    private static string AnnotationOf(SpanEvent e)
    {
        if (e.Attributes.Count == 0 && e.DroppedAttributes == 0)
            return e.Name;
        IReadOnlyList<SpanAttribute> attributes = e.DroppedAttributes == 0
            ? e.Attributes
            : [.. e.Attributes, new SpanAttribute(OtelKeys.DroppedAttributes, AttributeValue.Of((long)e.DroppedAttributes))];
        var name = JsonEncodedText.Encode(e.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        return $"\"{name}\": {AttributeValue.Of(attributes)}";
    }
}
