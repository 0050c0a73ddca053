using System.Globalization;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Protocols.Zipkin;

/// <summary>Spans as short texts, for comparisons. Times are in microseconds.</summary>
internal static class ZipkinSpanText
{
    /// <summary>All but ids and name: <c>Client 100+50 front/10.0.0.1:80 -> back [120:ws] {a=b} Shared</c>.</summary>
    public static string Of(Span span)
    {
        var local = span.Resource.LocalEndpoint is { } endpoint ? Of(endpoint) : span.ServiceName;
        var parts = new[]
        {
            span.Kind == SpanKind.Unspecified ? "" : span.Kind.ToString(),
            (span.HasStart ? (span.StartNs / 1000).ToString(CultureInfo.InvariantCulture) : "")
                + (span.HasDuration ? string.Create(CultureInfo.InvariantCulture, $"+{span.DurationNs / 1000}") : ""),
            local,
            span.RemoteEndpoint is { } remote ? "-> " + Of(remote) : "",
            span.Events.Count == 0 ? "" : $"[{string.Join(' ', span.Events.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.TimeNs / 1000}:{e.Name}")))}]",
            span.Attributes.Count == 0 ? "" : $"{{{string.Join(' ', span.Attributes.Select(Of))}}}",
            span.Status == SpanStatus.Unset ? "" : span.Status.ToString(),
            (span.Marks & ~(SpanMarks.NoStart | SpanMarks.NoDuration)) is var marks and not SpanMarks.None ? marks.ToString() : "",
        };
        return string.Join(' ', parts.Where(part => part.Length != 0));
    }

    /// <summary>All that a span says.</summary>
    public static string WithIds(Span span) => $"{span.TraceId} {span.ParentId} {span.Id} '{span.Name}' {Of(span)}";

    private static string Of(Endpoint endpoint) =>
        string.Join('/', new[] { endpoint.ServiceName, endpoint.Ipv4?.ToString() ?? "", endpoint.Ipv6?.ToString() ?? "" }.Where(part => part.Length != 0))
        + (endpoint.Port == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $":{endpoint.Port}"));

    private static string Of(SpanAttribute attribute) => attribute.Value.Type == AttributeType.String
        ? $"{attribute.Key}={attribute.Value}"
        : $"{attribute.Key}:{attribute.Value.Type}={attribute.Value}";
}
