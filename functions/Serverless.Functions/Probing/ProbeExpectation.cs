using System.Globalization;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Probing;

/// <summary>
/// How a probe's trace has to be answered: written out here once more, and not with the writers that answer, so that what is wrong in those is
/// found too.
/// </summary>
internal static class ProbeExpectation
{
    private const ulong NanosecondsPerMicrosecond = 1_000;

    /// <summary>The trace in Jaeger's legacy API.</summary>
    public static ProbeFields Jaeger(ProbeTrace trace)
    {
        var fields = new ProbeFields();
        foreach (var span in trace.Spans)
        {
            var set = fields.Begin(span.ServiceName, span.Id.ToString());
            set("traceID", trace.TraceId.ToHex32());
            // Zipkin's names are in lower case, whatever was sent.
            set("operationName", trace.IsZipkin ? span.Name.ToLowerInvariant() : span.Name);
            set("startTime", Microseconds(span.StartNs));
            set("duration", Microseconds((ulong)span.DurationNs));
            if (trace.Protocol == ProbeProtocol.JaegerThrift)
                set("flags", "1");
            if (!span.ParentId.IsZero)
                set("references", $"CHILD_OF {trace.TraceId.ToHex32()}:{span.ParentId}");
            foreach (var link in span.Links)
                set("references", $"FOLLOWS_FROM {link.TraceId.ToHex32()}:{link.SpanId}");
            foreach (var (key, value) in span.Attributes)
                set("tags." + key, Typed(value));
            if (span.Kind != SpanKind.Unspecified)
                set("tags.span.kind", "string " + span.Kind.ToString().ToLowerInvariant());
            SetJaegerFields(set, trace, span);
            for (var i = 0; i < span.Events.Count; i++)
            {
                set($"logs[{i}].timestamp", Microseconds(span.Events[i].TimeNs));
                set($"logs[{i}].event", "string " + span.Events[i].Name);
                foreach (var (key, value) in span.Events[i].Attributes)
                    set($"logs[{i}].{key}", Typed(value));
            }
        }

        return fields;
    }

    /// <summary>The trace in Zipkin's API.</summary>
    public static ProbeFields Zipkin(ProbeTrace trace)
    {
        var fields = new ProbeFields();
        foreach (var span in trace.Spans)
        {
            var set = fields.Begin(span.ServiceName, span.Id.ToString());
            set("traceId", trace.TraceId.ToHex32());
            set("id", span.Id.ToString());
            if (!span.ParentId.IsZero)
                set("parentId", span.ParentId.ToString());
            if (span.Kind is SpanKind.Client or SpanKind.Server)
                set("kind", span.Kind.ToString().ToUpperInvariant());
            set("name", span.Name.ToLowerInvariant());
            set("timestamp", Microseconds(span.StartNs));
            set("duration", Microseconds((ulong)span.DurationNs));
            if (span.IsShared)
                set("shared", "true");
            SetEndpoint(set, "localEndpoint", span.Resource.LocalEndpoint ?? new Endpoint(span.ServiceName, null, null, 0));
            SetEndpoint(set, "remoteEndpoint", span.RemoteEndpoint);
            foreach (var (key, value) in span.Resource.Attributes.Concat(span.Attributes))
                set("tags." + key, value.ToString());
            SetZipkinTags(set, trace, span);
            for (var i = 0; i < span.Events.Count; i++)
            {
                var e = span.Events[i];
                set($"annotations[{i}].timestamp", Microseconds(e.TimeNs));
                set($"annotations[{i}].value", e.Attributes.Count == 0 ? e.Name : $"\"{e.Name}\": {AttributeValue.Of(e.Attributes)}");
            }
        }

        return fields;
    }

    private static void SetJaegerFields(Action<string, string> set, ProbeTrace trace, Span span)
    {
        foreach (var (key, value) in span.Resource.Attributes)
            set("process." + key, Typed(value));
        if (span.Resource.LocalEndpoint is { } local)
        {
            set("process.ip", $"string {local.Ipv4}");
            set("process.port", Number(local.Port));
        }

        if (span.RemoteEndpoint is { } remote)
        {
            set("tags.peer.service", "string " + remote.ServiceName);
            set("tags.peer.ipv4", $"string {remote.Ipv4}");
            set("tags.peer.port", Number(remote.Port));
        }

        if (span.Scope is { } scope)
        {
            foreach (var prefix in (string[])["tags.otel.scope.", "tags.otel.library."])
            {
                set(prefix + "name", "string " + scope.Name);
                set(prefix + "version", "string " + scope.Version);
            }

            set("tags.w3c.tracestate", "string " + span.TraceState);
        }

        if (span.Status != SpanStatus.Error || trace.IsZipkin)
            return;
        set("tags.error", "bool true");
        if (!trace.IsOtlp)
            return;
        set("tags.otel.status_code", "string ERROR");
        set("tags.otel.status_description", "string " + span.StatusMessage);
    }

    private static void SetZipkinTags(Action<string, string> set, ProbeTrace trace, Span span)
    {
        if (span.Scope is { } scope)
        {
            set("tags.otel.scope.name", scope.Name);
            set("tags.otel.scope.version", scope.Version);
            set("tags.w3c.tracestate", span.TraceState);
        }

        for (var i = 0; i < span.Links.Count; i++)
        {
            var link = span.Links[i];
            var attributes = trace.IsOtlp ? AttributeValue.Of(link.Attributes).ToString() : "{\"opentracing.ref_type\":\"follows_from\"}";
            set($"tags.otlp.link.{i}", $"{link.TraceId.ToHex32()}|{link.SpanId}||{attributes}|0");
        }

        if (span.Status != SpanStatus.Error || trace.IsZipkin)
            return;
        set("tags.otel.status_code", "ERROR");
        set("tags.error", span.StatusMessage);
    }

    private static void SetEndpoint(Action<string, string> set, string name, Endpoint? endpoint)
    {
        if (endpoint is null)
            return;
        set(name + ".serviceName", endpoint.ServiceName);
        if (endpoint.Ipv4 is not null)
            set(name + ".ipv4", endpoint.Ipv4.ToString());
        if (endpoint.Port != 0)
            set(name + ".port", endpoint.Port.ToString(CultureInfo.InvariantCulture));
    }

    private static string Microseconds(ulong nanoseconds) => (nanoseconds / NanosecondsPerMicrosecond).ToString(CultureInfo.InvariantCulture);

    private static string Number(long value) => string.Create(CultureInfo.InvariantCulture, $"int64 {value}");

    private static string Typed(AttributeValue value) => value.Type switch
    {
        AttributeType.True or AttributeType.False => $"bool {value}",
        AttributeType.Int64 => $"int64 {value}",
        AttributeType.Double => $"float64 {value}",
        AttributeType.Bytes => $"binary {value}",
        _ => $"string {value}",
    };
}
