using System.Text.Json;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Functions.Querying.Api;

/// <summary>Writes the spans of a trace in the order of its tree, each with its place, its times and what it was found to be.</summary>
internal sealed class SpanJson
{
    private readonly AssembledTrace _trace;
    private readonly int[] _depths;
    private readonly int[] _places;

    public SpanJson(AssembledTrace trace)
    {
        _trace = trace;
        var tree = trace.Tree;
        _depths = new int[tree.Count];
        _places = new int[tree.Count];
        for (var place = 0; place < tree.Order.Length; place++)
        {
            var span = tree.Order[place];
            _places[span] = place;
            _depths[span] = tree.ParentOf(span) is var parent and >= 0 ? _depths[parent] + 1 : 0;
        }
    }

    /// <summary>Writes the span at a place of the tree's order.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="place">The place.</param>
    /// <param name="span">The span there, whole.</param>
    /// <param name="resource">The number of the span's resource in the answer's list.</param>
    public void Write(Utf8JsonWriter json, int place, Span span, int resource)
    {
        var i = _trace.Tree.Order[place];
        json.WriteStartObject();
        WritePlace(json, i, place);
        json.WriteNumber("resource"u8, resource);
        json.WriteString("service"u8, span.ServiceName);
        json.WriteString("operation"u8, span.Name);
        json.WriteString("kind"u8, KindOf(span.Kind));
        json.WriteString("status"u8, span.Status switch { SpanStatus.Ok => "ok"u8, SpanStatus.Error => "error"u8, _ => "unset"u8 });
        if (span.StatusMessage.Length > 0)
            json.WriteString("statusMessage"u8, span.StatusMessage);
        WriteTimes(json, i, span);
        WriteMarks(json, span);
        WriteDetails(json, span);
        json.WriteEndObject();
    }

    /// <summary>The name of a kind.</summary>
    public static ReadOnlySpan<byte> KindOf(SpanKind kind) => kind switch
    {
        SpanKind.Internal => "internal"u8,
        SpanKind.Server => "server"u8,
        SpanKind.Client => "client"u8,
        SpanKind.Producer => "producer"u8,
        SpanKind.Consumer => "consumer"u8,
        _ => "unspecified"u8,
    };

    private void WritePlace(Utf8JsonWriter json, int i, int place)
    {
        var (tree, span) = (_trace.Tree, _trace.Tree[i]);
        json.WriteNumber("place"u8, place);
        json.WriteString("spanId"u8, span.Id.ToString());
        json.WriteBoolean("isServerHalf"u8, tree.IsServerHalf(i));
        json.WriteNumber("depth"u8, _depths[i]);
        if (tree.ParentOf(i) is var parent and >= 0)
            json.WriteNumber("parentPlace"u8, _places[parent]);
        if (!span.ParentId.IsZero)
            json.WriteString("parentSpanId"u8, span.ParentId.ToString());
        if (tree.IsAsync(i))
            json.WriteBoolean("isAsync"u8, true);
    }

    private void WriteTimes(Utf8JsonWriter json, int i, Span span)
    {
        if (span.HasStart)
        {
            TraceJson.WriteTime(json, "startUnixNano"u8, _trace.Times.StartOf(i));
            TraceJson.WriteTime(json, "reportedStartUnixNano"u8, span.StartNs);
        }

        if (span.HasDuration)
            json.WriteNumber("durationNs"u8, span.DurationNs);
        json.WriteNumber("adjustedByNs"u8, _trace.Times.AmountOf(i));
        json.WriteNumber("selfNs"u8, _trace.CriticalPath.SelfNsOf(i));
        json.WriteNumber("criticalNs"u8, _trace.CriticalPath.CriticalNsOf(i));
    }

    private static void WriteMarks(Utf8JsonWriter json, Span span)
    {
        if ((span.Marks & (SpanMarks.Debug | SpanMarks.Truncated | SpanMarks.ClockSuspect)) == 0)
            return;
        json.WriteStartArray("marks"u8);
        if (span.IsDebug)
            json.WriteStringValue("debug"u8);
        if ((span.Marks & SpanMarks.Truncated) != 0)
            json.WriteStringValue("truncated"u8);
        if ((span.Marks & SpanMarks.ClockSuspect) != 0)
            json.WriteStringValue("clock_suspect"u8);
        json.WriteEndArray();
    }

    private static void WriteDetails(Utf8JsonWriter json, Span span)
    {
        OtlpJsonAttributes.Write(json, "attributes"u8, span.Attributes);
        if (span.RemoteEndpoint is { ServiceName.Length: > 0 } remote)
            json.WriteString("remoteService"u8, remote.ServiceName);
        if (span.Scope is { } scope)
        {
            json.WriteStartObject("scope"u8);
            json.WriteString("name"u8, scope.Name);
            json.WriteString("version"u8, scope.Version);
            OtlpJsonAttributes.Write(json, "attributes"u8, scope.Attributes);
            json.WriteEndObject();
        }

        if (span.Events.Count > 0)
        {
            json.WriteStartArray("events"u8);
            foreach (var item in span.Events)
            {
                json.WriteStartObject();
                TraceJson.WriteTime(json, "timeUnixNano"u8, item.TimeNs);
                json.WriteString("name"u8, item.Name);
                OtlpJsonAttributes.Write(json, "attributes"u8, item.Attributes);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (span.Links.Count == 0)
            return;
        json.WriteStartArray("links"u8);
        foreach (var link in span.Links)
        {
            json.WriteStartObject();
            json.WriteString("traceId"u8, link.TraceId.ToString());
            json.WriteString("spanId"u8, link.SpanId.ToString());
            OtlpJsonAttributes.Write(json, "attributes"u8, link.Attributes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
