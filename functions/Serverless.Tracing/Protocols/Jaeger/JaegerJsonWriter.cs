using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>
/// Writes a trace as Jaeger's query API gives it (Jaeger's internal/uimodel), with the mapping of Jaeger's own translators:
/// OpenTelemetry's spans as ptrace to Jaeger, Zipkin's as its Zipkin receiver. Spans are written as they are: who wants ids made
/// distinct, skew corrected or duplicates removed passes spans that are.
/// </summary>
public static class JaegerJsonWriter
{
    /// <summary>The service of an OpenTelemetry span whose resource names none, as Jaeger's translator calls it.</summary>
    public const string NoOtlpServiceName = "OTLPResourceNoServiceName";

    /// <summary>
    /// The service of another span whose sender named none, as Jaeger's Zipkin receiver calls it. Never empty: the UI fails on that.
    /// </summary>
    public const string UnknownServiceName = "unknown-service-name";

    private const uint DebugFlag = 2;

    /// <summary>The service's name in Jaeger's view, never empty: searches and lists have to use the same one.</summary>
    public static string ServiceName(Span span) =>
        span.ServiceName.Length != 0 ? span.ServiceName
        : span.Protocol == SpanProtocol.Otlp ? NoOtlpServiceName
        : UnknownServiceName;

    /// <summary>Writes one Trace object.</summary>
    /// <param name="json">Takes the object.</param>
    /// <param name="spans">At least one; all of the same trace, in the order to write them.</param>
    /// <param name="spanWarnings">What a person should know about a span, or null for nothing.</param>
    /// <param name="traceWarnings">What a person should know about the trace.</param>
    /// <remarks>
    /// The UI compares ids as texts: every id of this trace is written as that of its first span, also where lenient ids
    /// brought together spans with 64 and 128 bits.
    /// </remarks>
    public static void WriteTrace(
        Utf8JsonWriter json,
        IReadOnlyList<Span> spans,
        Func<Span, IReadOnlyList<string>?>? spanWarnings = null,
        IReadOnlyList<string>? traceWarnings = null)
    {
        var trace = new JaegerTraceWriter(json, spans[0].TraceId);
        for (var i = 0; i < spans.Count; i++)
            trace.WriteSpan(spans[i], spanWarnings?.Invoke(spans[i]));
        trace.End(traceWarnings);
    }

    internal static void WriteSpan(Utf8JsonWriter json, TraceId traceId, Span span, string process, IReadOnlyList<string>? warnings)
    {
        json.WriteStartObject();
        HexIds.Write(json, "traceID"u8, traceId);
        HexIds.Write(json, "spanID"u8, span.Id);
        var flags = span.Flags | (span.IsDebug ? DebugFlag : 0);
        if (flags != 0)
            json.WriteNumber("flags"u8, flags);
        json.WriteString("operationName"u8, span.Name);
        WriteReferences(json, traceId, span);
        json.WriteNumber("startTime"u8, span.StartNs / 1000);
        json.WriteNumber("duration"u8, Math.Max(span.DurationNs, 0) / 1000);
        json.WriteStartArray("tags"u8);
        JaegerTags.WriteSpanTags(json, span);
        json.WriteEndArray();
        WriteLogs(json, span.Events);
        json.WriteString("processID"u8, process);
        WriteWarnings(json, warnings);
        json.WriteEndObject();
    }

    // The parent comes first: the UI places a span by its first reference.
    private static void WriteReferences(Utf8JsonWriter json, TraceId traceId, Span span)
    {
        json.WriteStartArray("references"u8);
        if (!span.ParentId.IsZero)
            WriteReference(json, ParentIsFollowed(span) ? "FOLLOWS_FROM"u8 : "CHILD_OF"u8, traceId, span.ParentId);
        for (var i = 0; i < span.Links.Count; i++)
        {
            var link = span.Links[i];
            var sameTrace = IsSame(link.TraceId, traceId);
            if (sameTrace && link.SpanId == span.ParentId)
                continue;
            WriteReference(
                json, ReferenceType(link) == "child_of" ? "CHILD_OF"u8 : "FOLLOWS_FROM"u8, sameTrace ? traceId : link.TraceId, link.SpanId);
        }

        json.WriteEndArray();
    }

    private static void WriteReference(Utf8JsonWriter json, ReadOnlySpan<byte> type, TraceId traceId, SpanId spanId)
    {
        json.WriteStartObject();
        json.WriteString("refType"u8, type);
        HexIds.Write(json, "traceID"u8, traceId);
        HexIds.Write(json, "spanID"u8, spanId);
        json.WriteEndObject();
    }

    // A link to the parent itself only says what kind of parent it is. Beside a second parent it is not said: the page would take that one for the
    // only one.
    private static bool ParentIsFollowed(Span span)
    {
        var isFollowed = false;
        for (var i = 0; i < span.Links.Count; i++)
        {
            var link = span.Links[i];
            if (!IsSame(link.TraceId, span.TraceId))
                continue;
            var type = ReferenceType(link);
            if (type == "child_of" && link.SpanId != span.ParentId)
                return false;
            isFollowed |= type == "follows_from" && link.SpanId == span.ParentId;
        }

        return isFollowed;
    }

    private static bool IsSame(TraceId a, TraceId b) => a.Low == b.Low && (a.High == b.High || a.High == 0 || b.High == 0);

    private static string ReferenceType(SpanLink link)
    {
        for (var i = 0; i < link.Attributes.Count; i++)
        {
            if (link.Attributes[i].Key == OtelKeys.ReferenceType)
                return link.Attributes[i].Value.ToString();
        }

        return "";
    }

    private static void WriteLogs(Utf8JsonWriter json, IReadOnlyList<SpanEvent> events)
    {
        json.WriteStartArray("logs"u8);
        for (var i = 0; i < events.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("timestamp"u8, events[i].TimeNs / 1000);
            json.WriteStartArray("fields"u8);
            JaegerTags.WriteLogFields(json, events[i]);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static void WriteWarnings(Utf8JsonWriter json, IReadOnlyList<string>? warnings)
    {
        if (warnings is null or { Count: 0 })
        {
            json.WriteNull("warnings"u8);
            return;
        }

        json.WriteStartArray("warnings"u8);
        for (var i = 0; i < warnings.Count; i++)
            json.WriteStringValue(warnings[i]);
        json.WriteEndArray();
    }
}
