using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Protocols.Properties;

/// <summary>Spans as Zipkin's JSON of either version; <c>ZipkinFormats</c> makes the binary formats of them.</summary>
internal static class ZipkinEncoder
{
    private static readonly JsonSerializerOptions Options = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static string Json(IReadOnlyList<Span> spans) => JsonSerializer.Serialize(spans.Select(span => new
    {
        traceId = span.TraceId.ToString(), id = span.Id.ToString(), parentId = Parent(span), kind = KindOf(span.Kind), name = span.Name,
        timestamp = span.StartNs / 1000, duration = span.DurationNs / 1000, localEndpoint = Object(span.Resource.LocalEndpoint ?? new Endpoint(span.ServiceName, null, null, 0)),
        remoteEndpoint = Object(span.RemoteEndpoint),
        annotations = span.Events.Select(e => new { timestamp = e.TimeNs / 1000, value = e.Name }),
        tags = span.Attributes.ToDictionary(tag => tag.Key, tag => tag.Value.Text),
        debug = span.IsDebug, shared = (span.Marks & SpanMarks.Shared) != 0,
    }), Options);

    public static string JsonV1(IReadOnlyList<Span> spans) => JsonSerializer.Serialize(spans.Select(span => new
    {
        traceId = span.TraceId.ToString(), id = span.Id.ToString(), parentId = Parent(span), name = span.Name, timestamp = span.StartNs / 1000, duration = span.DurationNs / 1000,
        annotations = span.Events.Select(e => new { timestamp = e.TimeNs / 1000, value = e.Name, endpoint = Object(span.Resource.LocalEndpoint) }),
        binaryAnnotations = span.Attributes.Select(tag => new { key = tag.Key, value = tag.Value.Text, endpoint = Object(span.Resource.LocalEndpoint) }),
        debug = span.IsDebug,
    }), Options);

    private static string? Parent(Span span) => span.ParentId.IsZero ? null : span.ParentId.ToString();

    private static string? KindOf(SpanKind kind) => kind == SpanKind.Unspecified ? null : kind.ToString().ToUpperInvariant();

    private static object? Object(Endpoint? endpoint) => endpoint is null
        ? null
        : new { serviceName = endpoint.ServiceName, ipv4 = endpoint.Ipv4?.ToString(), ipv6 = endpoint.Ipv6?.ToString(), port = endpoint.Port };
}
