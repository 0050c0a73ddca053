using Serverless.Tracing.Model;

namespace Serverless.Tests.Protocols;

/// <summary>Spans with everything in them, for the writers.</summary>
internal static class SampleSpans
{
    public static readonly TraceId Wide = new(0x463ac35c9f6413ad, 0x48485a3953bb6124);

    /// <summary>An OpenTelemetry span that uses every field and every type of attribute.</summary>
    public static Span Otlp() => new()
    {
        Protocol = SpanProtocol.Otlp,
        TraceId = Wide,
        Id = new SpanId(0xb7ad6b7169203331),
        ParentId = new SpanId(0x5af7183fb1d4cf5f),
        Kind = SpanKind.Client,
        Name = "POST /Orders",
        StartNs = 1556604172355737123,
        DurationNs = 1431999,
        Status = SpanStatus.Error,
        StatusMessage = "card refused",
        Flags = 0x101,
        TraceState = "rojo=1",
        Resource = new Resource
        {
            ServiceName = "Checkout",
            Attributes = [Of("service.name", "Checkout"), Of("host.name", "h1"), Of("http.method", "resource's")],
        },
        Scope = new InstrumentationScope { Name = "lib", Version = "1.2", Attributes = [Of("scope.kind", "auto")] },
        Attributes =
        [
            Of("http.method", "POST"),
            new("int", AttributeValue.Of(42L)),
            new("big", AttributeValue.Of(long.MaxValue)),
            new("edge", AttributeValue.Of((1L << 53) - 1)),
            new("small", AttributeValue.Of(-(1L << 53))),
            new("half", AttributeValue.Of(0.5)),
            new("nan", AttributeValue.Of(double.NaN)),
            new("inf", AttributeValue.Of(double.NegativeInfinity)),
            new("yes", AttributeValue.Of(true)),
            new("bytes", AttributeValue.Of(new byte[] { 1, 2, 255 })),
            new("list", AttributeValue.Of([AttributeValue.Of("a\"b"), AttributeValue.Of(1L), AttributeValue.Of(double.NaN)])),
            new("map", AttributeValue.Of([new SpanAttribute("k", AttributeValue.Of([AttributeValue.Of(false)]))])),
            new("empty", default),
            Of("peer.service", "Payments"),
        ],
        Events =
        [
            new SpanEvent(1556604172355800000, "plain", [], 0),
            new SpanEvent(1556604172355900999, "say \"hi\"", [Of("k", "v"), new SpanAttribute("n", AttributeValue.Of(1L))], 2),
        ],
        Links =
        [
            new SpanLink(new TraceId(0, 0xabc), new SpanId(0xdef), "x=y", [Of("why", "retry")], 1, 0),
            new SpanLink(Wide, new SpanId(7), "", [Of("opentracing.ref_type", "child_of")], 0, 0),
            new SpanLink(Wide, new SpanId(0x5af7183fb1d4cf5f), "", [], 0, 0),
        ],
        DroppedAttributes = 1,
        DroppedEvents = 2,
        DroppedLinks = 3,
    };

    public static SpanAttribute Of(string key, string text) => new(key, AttributeValue.Of(text));
}
