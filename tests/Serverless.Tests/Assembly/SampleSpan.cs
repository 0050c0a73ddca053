using System.Net;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Assembly;

/// <summary>Spans made by hand; times are microseconds after one moment.</summary>
internal static class SampleSpan
{
    public const ulong Origin = 1_780_000_000_000_000_000;

    public static readonly TraceId Trace = new(7, 1);

    public static Span Of(
        ulong id, ulong parent = 0, string service = "a", SpanKind kind = SpanKind.Internal, long at = 0, long? took = 10,
        string? host = null, bool shared = false, bool error = false, string? remote = null, SpanProtocol protocol = SpanProtocol.Otlp,
        TraceId? trace = null, string name = "op", SpanMarks marks = SpanMarks.None, string traceState = "", uint flags = 0,
        IReadOnlyList<SpanLink>? links = null, params (string Key, string Value)[] tags) => new()
        {
            TraceId = trace ?? Trace,
            Id = new SpanId(id),
            ParentId = new SpanId(parent),
            Kind = kind,
            Name = name,
            StartNs = (marks & SpanMarks.NoStart) != 0 ? 0 : Origin + (ulong)(at * 1_000),
            DurationNs = took.GetValueOrDefault() * 1_000,
            Status = error ? SpanStatus.Error : SpanStatus.Unset,
            Marks = marks | (shared ? SpanMarks.Shared : 0) | (took is null ? SpanMarks.NoDuration : 0),
            Protocol = protocol,
            TraceState = traceState,
            Flags = flags,
            Links = links ?? [],
            RemoteEndpoint = remote is null ? null : new Endpoint(remote, null, null, 0),
            Attributes = [.. tags.Select(tag => new SpanAttribute(tag.Key, AttributeValue.Of(tag.Value)))],
            Resource = new Resource
            {
                ServiceName = service,
                LocalEndpoint = host is null ? null : new Endpoint(service, IPAddress.Parse(host), null, 0),
            },
        };

    /// <summary>A reference as the Jaeger decoder keeps it.</summary>
    public static SpanLink Reference(ulong span, string type, TraceId? trace = null) =>
        new(trace ?? Trace, new SpanId(span), "", [new SpanAttribute("opentracing.ref_type", AttributeValue.Of(type))], 0, 0);
}
