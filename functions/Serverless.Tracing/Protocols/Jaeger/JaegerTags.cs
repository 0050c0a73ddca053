using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>
/// Writes Jaeger's KeyValue objects: the attributes of spans, events and resources, and the tags that stand for their fields.
/// </summary>
internal static class JaegerTags
{
    // JavaScript's Number.MAX_SAFE_INTEGER: beyond it a reader would round.
    private const long LargestExact = (1L << 53) - 1;

    private const string EventField = "event";
    private const string PeerService = "peer.service";
    private const string PeerIpv4 = "peer.ipv4";
    private const string PeerIpv6 = "peer.ipv6";
    private const string PeerPort = "peer.port";

    /// <summary>
    /// Writes a span's tags: scope, attributes, kind, status, trace state, remote endpoint, dropped counts. A tag that stands for a
    /// field is left out where an attribute of that key exists.
    /// </summary>
    public static void WriteSpanTags(Utf8JsonWriter json, Span span)
    {
        WriteScope(json, span);
        for (var i = 0; i < span.Attributes.Count; i++)
        {
            var attribute = span.Attributes[i];
            Write(json, attribute.Key, attribute.Key == OtelKeys.Error ? ErrorOf(span.Status, attribute.Value) : attribute.Value);
        }

        WriteUnlessSaid(json, span, OtelKeys.SpanKind, KindOf(span.Kind));
        WriteStatus(json, span);
        WriteUnlessSaid(json, span, OtelKeys.TraceState, span.TraceState);
        WriteRemoteEndpoint(json, span);
        WriteCount(json, OtelKeys.DroppedAttributes, span.DroppedAttributes);
        WriteCount(json, OtelKeys.DroppedEvents, span.DroppedEvents);
        WriteCount(json, OtelKeys.DroppedLinks, span.DroppedLinks);
    }

    /// <summary>Writes an event's fields: its name as <c>event</c>, then its attributes.</summary>
    public static void WriteLogFields(Utf8JsonWriter json, SpanEvent e)
    {
        if (e.Name.Length != 0 && !Has(e.Attributes, EventField))
            Write(json, EventField, AttributeValue.Of(e.Name));
        for (var i = 0; i < e.Attributes.Count; i++)
            Write(json, e.Attributes[i].Key, e.Attributes[i].Value);
        WriteCount(json, OtelKeys.DroppedAttributes, e.DroppedAttributes);
    }

    /// <summary>
    /// Writes a process's tags: the resource without its service's name, and the local endpoint as <c>ip</c> and <c>port</c>.
    /// </summary>
    public static void WriteProcessTags(Utf8JsonWriter json, Resource resource)
    {
        for (var i = 0; i < resource.Attributes.Count; i++)
        {
            if (resource.Attributes[i].Key != OtelKeys.ServiceName)
                Write(json, resource.Attributes[i].Key, resource.Attributes[i].Value);
        }

        WriteCount(json, OtelKeys.DroppedAttributes, resource.DroppedAttributes);
        if (resource.LocalEndpoint is not { } endpoint)
            return;
        WriteAddress(json, "ip", endpoint.Ipv4 ?? endpoint.Ipv6);
        if (endpoint.Ipv4 is not null)
            WriteAddress(json, "ipv6", endpoint.Ipv6);
        WriteCount(json, "port", (uint)endpoint.Port);
    }

    private static void WriteScope(Utf8JsonWriter json, Span span)
    {
        if (span.Scope is not { } scope)
            return;
        WriteUnlessSaid(json, span, OtelKeys.ScopeName, scope.Name);
        WriteUnlessSaid(json, span, OtelKeys.ScopeVersion, scope.Version);
        WriteUnlessSaid(json, span, OtelKeys.LibraryName, scope.Name);
        WriteUnlessSaid(json, span, OtelKeys.LibraryVersion, scope.Version);
        for (var i = 0; i < scope.Attributes.Count; i++)
        {
            if (!Has(span.Attributes, scope.Attributes[i].Key))
                Write(json, scope.Attributes[i].Key, scope.Attributes[i].Value);
        }
    }

    private static void WriteStatus(Utf8JsonWriter json, Span span)
    {
        if (span.Status == SpanStatus.Ok)
            WriteUnlessSaid(json, span, OtelKeys.StatusCode, "OK");
        if (span.Status == SpanStatus.Error)
        {
            // Zipkin's and Jaeger's senders have no status code; their error is the tag.
            if (span.Protocol == SpanProtocol.Otlp)
                WriteUnlessSaid(json, span, OtelKeys.StatusCode, "ERROR");
            if (!Has(span.Attributes, OtelKeys.Error))
                Write(json, OtelKeys.Error, AttributeValue.Of(true));
        }

        WriteUnlessSaid(json, span, OtelKeys.StatusDescription, span.StatusMessage);
    }

    private static void WriteRemoteEndpoint(Utf8JsonWriter json, Span span)
    {
        if (span.RemoteEndpoint is not { } remote)
            return;
        WriteUnlessSaid(json, span, PeerService, remote.ServiceName);
        if (!Has(span.Attributes, PeerIpv4))
            WriteAddress(json, PeerIpv4, remote.Ipv4);
        if (!Has(span.Attributes, PeerIpv6))
            WriteAddress(json, PeerIpv6, remote.Ipv6);
        if (!Has(span.Attributes, PeerPort))
            WriteCount(json, PeerPort, (uint)remote.Port);
    }

    /// <summary>
    /// The value of a tag <c>error</c>. Jaeger UI takes it for an error if it is true in JavaScript's sense: a text that says why
    /// is one (Jaeger keeps Zipkin's as it is), but so is <c>"false"</c>, and the empty text, by which Zipkin means an error, is not.
    /// </summary>
    private static AttributeValue ErrorOf(SpanStatus status, AttributeValue said)
    {
        var text = said.Type == AttributeType.String ? said.Text : null;
        if (status != SpanStatus.Error)
            return text is "false" or "" ? AttributeValue.Of(false) : said;
        return text is null or "" or "true" ? AttributeValue.Of(true) : said;
    }

    private static string KindOf(SpanKind kind) => kind switch
    {
        SpanKind.Internal => "internal",
        SpanKind.Server => "server",
        SpanKind.Client => "client",
        SpanKind.Producer => "producer",
        SpanKind.Consumer => "consumer",
        _ => "",
    };

    private static void WriteUnlessSaid(Utf8JsonWriter json, Span span, string key, string text)
    {
        if (text.Length != 0 && !Has(span.Attributes, key))
            Write(json, key, AttributeValue.Of(text));
    }

    private static void WriteCount(Utf8JsonWriter json, string key, uint count)
    {
        if (count != 0)
            Write(json, key, AttributeValue.Of((long)count));
    }

    private static void WriteAddress(Utf8JsonWriter json, string key, IPAddress? address)
    {
        if (address is not null)
            Write(json, key, AttributeValue.Of(address.ToString()));
    }

    private static bool Has(IReadOnlyList<SpanAttribute> attributes, string key)
    {
        for (var i = 0; i < attributes.Count; i++)
        {
            if (attributes[i].Key == key)
                return true;
        }

        return false;
    }

    private static void Write(Utf8JsonWriter json, string key, AttributeValue value)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key);
        switch (value.Type)
        {
            case AttributeType.True or AttributeType.False:
                json.WriteString("type"u8, "bool"u8);
                json.WriteBoolean("value"u8, value.Type == AttributeType.True);
                break;
            case AttributeType.Int64:
                json.WriteString("type"u8, "int64"u8);
                WriteInt64(json, value.Int64);
                break;
            case AttributeType.Double:
                json.WriteString("type"u8, "float64"u8);
                if (double.IsFinite(value.Double))
                    json.WriteNumber("value"u8, value.Double);
                else
                    json.WriteString("value"u8, value.Double.ToString(CultureInfo.InvariantCulture));
                break;
            case AttributeType.Bytes:
                json.WriteString("type"u8, "binary"u8);
                json.WriteBase64String("value"u8, value.Bytes);
                break;
            default:
                json.WriteString("type"u8, "string"u8);
                json.WriteString("value"u8, value.ToString());
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteInt64(Utf8JsonWriter json, long value)
    {
        Span<byte> text = stackalloc byte[20];
        if (value is >= -LargestExact and <= LargestExact)
            json.WriteNumber("value"u8, value);
        else if (Utf8Formatter.TryFormat(value, text, out var length))
            json.WriteString("value"u8, text[..length]);
    }
}
