using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>
/// Writes spans as the <c>resourceSpans</c> of OTLP in JSON (proto3 JSON with ids in hex, as OTLP/HTTP has it): 64-bit integers as
/// strings, enums as numbers, what is empty or zero left out. What other protocols' spans say beyond OTLP becomes attributes, so that
/// nothing is lost: the endpoints of Zipkin's as OpenTelemetry's <c>network.*</c> and <c>peer.service</c>, its flags as
/// <c>zipkin.debug</c> and <c>zipkin.shared</c>.
/// </summary>
public static class OtlpJsonWriter
{
    /// <summary>The attribute in which Jaeger's API v3 tells what a person should know about a span: an array of texts.</summary>
    public const string JaegerWarnings = "@jaeger@warnings";

    /// <summary>Writes the spans of one trace as elements of an open array of ResourceSpans.</summary>
    /// <param name="json">Takes the elements.</param>
    /// <param name="spans">The spans.</param>
    /// <param name="warnings">What a person should know about a span; null for nothing.</param>
    public static void WriteResourceSpans(Utf8JsonWriter json, IReadOnlyList<Span> spans, Func<Span, IReadOnlyList<string>?>? warnings = null)
    {
        foreach (var ofResource in SpanGroups.ByResource(spans))
        {
            var resource = spans[ofResource[0]].Resource;
            json.WriteStartObject();
            json.WriteStartObject("resource"u8);
            WriteResource(json, resource);
            json.WriteEndObject();
            json.WriteStartArray("scopeSpans"u8);
            foreach (var ofScope in SpanGroups.ByScope(spans, ofResource))
                WriteScopeSpans(json, spans, ofScope, warnings);
            json.WriteEndArray();
            WriteText(json, "schemaUrl"u8, resource.SchemaUrl);
            json.WriteEndObject();
        }
    }

    private static void WriteScopeSpans(
        Utf8JsonWriter json, IReadOnlyList<Span> spans, List<int> ofScope, Func<Span, IReadOnlyList<string>?>? warnings)
    {
        var scope = spans[ofScope[0]].Scope;
        json.WriteStartObject();
        if (scope is not null)
        {
            json.WriteStartObject("scope"u8);
            WriteText(json, "name"u8, scope.Name);
            WriteText(json, "version"u8, scope.Version);
            OtlpJsonAttributes.Write(json, "attributes"u8, scope.Attributes);
            WriteCount(json, "droppedAttributesCount"u8, scope.DroppedAttributes);
            json.WriteEndObject();
        }

        json.WriteStartArray("spans"u8);
        foreach (var i in ofScope)
            WriteSpan(json, spans[i], warnings?.Invoke(spans[i]));
        json.WriteEndArray();
        WriteText(json, "schemaUrl"u8, scope?.SchemaUrl ?? "");
        json.WriteEndObject();
    }

    private static void WriteResource(Utf8JsonWriter json, Resource resource)
    {
        var says = resource.Attributes.Any(attribute => attribute.Key == OtelKeys.ServiceName);
        IReadOnlyList<SpanAttribute> attributes = says || resource.ServiceName.Length == 0
            ? resource.Attributes
            : [new SpanAttribute(OtelKeys.ServiceName, AttributeValue.Of(resource.ServiceName)), .. resource.Attributes];
        OtlpJsonAttributes.Write(json, "attributes"u8, attributes);
        WriteCount(json, "droppedAttributesCount"u8, resource.DroppedAttributes);
    }

    private static void WriteSpan(Utf8JsonWriter json, Span span, IReadOnlyList<string>? warnings)
    {
        json.WriteStartObject();
        HexIds.WriteWide(json, "traceId"u8, span.TraceId);
        HexIds.Write(json, "spanId"u8, span.Id);
        WriteText(json, "traceState"u8, span.TraceState);
        if (!span.ParentId.IsZero)
            HexIds.Write(json, "parentSpanId"u8, span.ParentId);
        WriteCount(json, "flags"u8, span.Flags);
        json.WriteString("name"u8, span.Name);
        WriteCount(json, "kind"u8, (uint)span.Kind);
        WriteTime(json, "startTimeUnixNano"u8, span.StartNs);
        if (span.HasStart && span.HasDuration)
            WriteTime(json, "endTimeUnixNano"u8, unchecked(span.StartNs + (ulong)span.DurationNs));
        OtlpJsonAttributes.Write(json, "attributes"u8, OtlpExtraAttributes.Of(span, warnings));
        WriteCount(json, "droppedAttributesCount"u8, span.DroppedAttributes);
        WriteEvents(json, span.Events);
        WriteCount(json, "droppedEventsCount"u8, span.DroppedEvents);
        WriteLinks(json, span.Links);
        WriteCount(json, "droppedLinksCount"u8, span.DroppedLinks);
        json.WriteStartObject("status"u8);
        WriteText(json, "message"u8, span.StatusMessage);
        WriteCount(json, "code"u8, (uint)span.Status);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteEvents(Utf8JsonWriter json, IReadOnlyList<SpanEvent> events)
    {
        if (events.Count == 0)
            return;
        json.WriteStartArray("events"u8);
        for (var i = 0; i < events.Count; i++)
        {
            json.WriteStartObject();
            WriteTime(json, "timeUnixNano"u8, events[i].TimeNs);
            WriteText(json, "name"u8, events[i].Name);
            OtlpJsonAttributes.Write(json, "attributes"u8, events[i].Attributes);
            WriteCount(json, "droppedAttributesCount"u8, events[i].DroppedAttributes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLinks(Utf8JsonWriter json, IReadOnlyList<SpanLink> links)
    {
        if (links.Count == 0)
            return;
        json.WriteStartArray("links"u8);
        for (var i = 0; i < links.Count; i++)
        {
            json.WriteStartObject();
            HexIds.WriteWide(json, "traceId"u8, links[i].TraceId);
            HexIds.Write(json, "spanId"u8, links[i].SpanId);
            WriteText(json, "traceState"u8, links[i].TraceState);
            OtlpJsonAttributes.Write(json, "attributes"u8, links[i].Attributes);
            WriteCount(json, "droppedAttributesCount"u8, links[i].DroppedAttributes);
            WriteCount(json, "flags"u8, links[i].Flags);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, ulong ns)
    {
        Span<byte> digits = stackalloc byte[20];
        if (ns != 0 && ns.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture))
            json.WriteString(name, digits[..length]);
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string text)
    {
        if (text.Length != 0)
            json.WriteString(name, text);
    }

    private static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, uint count)
    {
        if (count != 0)
            json.WriteNumber(name, count);
    }
}
