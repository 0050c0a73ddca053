using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Querying.Jaeger;

/// <summary>What Jaeger's storage suite stores.</summary>
internal static class SuiteSpans
{
    private const ulong StartNs = 1_485_449_191_639_875_000; // 2017-01-26T16:46:31.639875Z

    private static readonly SpanAttribute[] Same =
    [
        new("sameplacetag1", AttributeValue.Of("sameplacevalue")), new("sameplacetag2", AttributeValue.Of(123L)),
        new("sameplacetag3", AttributeValue.Of(72.5)), new("sameplacetag4", AttributeValue.Of(true)),
        new("blob", AttributeValue.Of(new byte[] { 0, 0, 0x30, 0x39 })),
    ];

    private static readonly SpanAttribute[] SameAttributes =
        [.. Same.Select(attribute => new SpanAttribute(attribute.Key.Replace("placetag", "placeattribute", StringComparison.Ordinal), attribute.Value))];

    /// <summary>The traces that searches are asked for, and those that cases of their own are about.</summary>
    public static IEnumerable<Span> All() => [.. Traces(), .. Example(), .. Repeated(), .. AcrossServices(), .. Twins()];

    /// <summary>A trace of more than 10,000 spans.</summary>
    public static IEnumerable<Span> Large() => Enumerable.Range(1, 10_008).Select(i =>
        Trace(0xbeef, "large-service", "op", (ulong)i) with { StartNs = StartNs + ((ulong)i * 1_000_000_000) });

    /// <summary>The spans of OTLP in JSON.</summary>
    public static IEnumerable<JsonElement> Of(IEnumerable<JsonElement> resources) =>
        resources.SelectMany(resource => resource.GetProperty("scopeSpans").EnumerateArray()).SelectMany(scope => scope.GetProperty("spans").EnumerateArray());

    /// <summary>All that the spans say, sorted.</summary>
    public static string[] Describe(IEnumerable<JsonElement> resources, bool withScopesAndLinks)
    {
        var described = new List<string>();
        foreach (var resource in resources)
        {
            foreach (var scope in resource.GetProperty("scopeSpans").EnumerateArray())
            {
                foreach (var span in scope.GetProperty("spans").EnumerateArray())
                {
                    var of = withScopesAndLinks ? $"{Sorted(scope, "scope")} {Sorted(span, "links")} " : "";
                    described.Add(
                        of + string.Join(' ', new[] { "traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes", "events" }
                            .Select(name => Sorted(span, name))) + Sorted(resource, "resource"));
                }
            }
        }

        described.Sort(StringComparer.Ordinal);
        return [.. described];
    }

    private static string Sorted(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && Sorted(value) is not ("[]" or "{}" or "\"\"" or "0") and var text ? $"{name}={text}" : "";

    private static string Sorted(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "[" + string.Join(',', value.EnumerateArray().Select(Sorted).Order(StringComparer.Ordinal)) + "]",
        JsonValueKind.Object => "{" + string.Join(',', value.EnumerateObject().Select(property => property.Name + ":" + Sorted(property.Value)).Order(StringComparer.Ordinal)) + "}",
        _ => value.GetRawText(),
    };

    // Every 20th span but the first has the id of the fourth, as there, and each its own time.
    private static IEnumerable<Span> Repeated() => Enumerable.Range(0, 200).Select(i =>
        Trace(0xd1, "repeated-service", "op", i > 0 && i % 20 == 0 ? 4 : (ulong)i + 1) with { StartNs = StartNs + ((ulong)(i + 1) * 1_000_000_000) });

    private static IEnumerable<Span> AcrossServices() => new[] { 1, 2 }.Select(i =>
        Trace(0xc0 + (ulong)i, $"across-{i}", "across-op", 2) with { Attributes = [new("across.services", AttributeValue.Of("yes"))] });

    private static IEnumerable<Span> Twins() => Enumerable.Range(0, 20).Select(i =>
        Trace(0xd0b1e, string.Create(CultureInfo.InvariantCulture, $"twin-{i}"), "op", 1));

    private static IEnumerable<Span> Traces()
    {
        Span Of(int number, string operation, long durationNs) =>
            Trace(Convert.ToUInt64(number.ToString(CultureInfo.InvariantCulture), 16), Service(number), operation, 3) with { DurationNs = durationNs };

        yield return Of(1, "some-operation", 7_000) with { Attributes = Same };
        yield return Of(2, "some-operation", 7_000) with { Events = [new SpanEvent(StartNs, "", Same, 0), new SpanEvent(StartNs, "", [], 0)] };
        yield return Of(3, "placeholder", 7_000) with { Resource = Process(Service(3), Same) };
        yield return Spread(Of(4, "placeholder", 5_000));
        var five = Of(5, "operation-list-test2", 5_000) with { Events = [new SpanEvent(StartNs, "", [], 0)] };
        yield return five with { StartNs = StartNs - 60_180_000_000_000 };
        yield return five with { Id = new SpanId(4), StartNs = StartNs - 60_060_000_000_000 };
        yield return Of(6, "query06-operation", 5_000);
        yield return Of(7, "query07-operation", 2_000);
        yield return Of(8, "query08-operation", 5_000);
        yield return Of(9, "placeholder", 5_000);
        yield return Of(10, "placeholder", 1_000);
        yield return Of(11, "query11-operation", 5_000) with { Id = new SpanId(11) };
        yield return Of(12, "query12-operation", 3_000) with { Attributes = Same };
        yield return Of(13, "query13-operation", 2_000) with { Attributes = Same };
        yield return Of(14, "query14-operation", 5_000) with { Attributes = Same };
        yield return Of(15, "placeholder", 5_000) with { Attributes = Same };
        yield return Of(16, "placeholder", 1_000) with { Attributes = Same };
        yield return Spread(Of(17, "query17-operation", 3_000));
        yield return Spread(Of(18, "query18-operation", 2_000));
        yield return Spread(Of(19, "query19-operation", 5_000));
        yield return Spread(Of(20, "placeholder", 5_000));
        yield return Spread(Of(21, "placeholder", 1_000));
        for (var i = 0; i < 3; i++)
            yield return Trace(0x221 + (ulong)i, Service(22), "query22-operation", 3);
        yield return Trace(0x224, Service(23), "placeholder", 2) with
        {
            Attributes = Same, Scope = new InstrumentationScope { Name = "testing-library", Version = "1.1.1" },
        };
        yield return Trace(0x225, Service(24), "placeholder", 2) with { Scope = new InstrumentationScope { Attributes = SameAttributes } };
        yield return Trace(0x226, Service(25), "query25-operation", 4) with
        {
            Attributes = Same,
            Links =
            [
                new SpanLink(new TraceId(0, 0xff), new SpanId(0xff), "", [new("opentracing.ref_type", AttributeValue.Of("child_of")), .. SameAttributes], 0, 0),
                new SpanLink(new TraceId(0, 1), new SpanId(2), "", [new("opentracing.ref_type", AttributeValue.Of("follows_from"))], 0, 0),
            ],
        };
    }

    private static IEnumerable<Span> Example()
    {
        var twice = new SpanEvent(StartNs, "", [], 0);
        Span Of(string service, ulong id, string operation, SpanKind kind = SpanKind.Unspecified) =>
            Trace(0x11, service, operation, id) with { Kind = kind, DurationNs = 100_000, Events = [twice, twice] };
        yield return Of("example-service-2", 4, "example-operation-2");
        yield return Of("example-service-3", 5, "example-operation-1");
        yield return Of("example-service-1", 3, "example-operation-1");
        yield return Of("example-service-1", 6, "example-operation-3", SpanKind.Server);
        yield return Of("example-service-1", 7, "example-operation-4", SpanKind.Client);
    }

    // One tag in the process, one in an event, the others on the span.
    private static Span Spread(Span span) => span with
    {
        Resource = Process(span.ServiceName, [Same[2], Same[4]]),
        Events = [new SpanEvent(StartNs, "", [Same[0]], 0), new SpanEvent(StartNs, "", [], 0)],
        Attributes = [Same[1], Same[3]],
    };

    private static Span Trace(ulong trace, string service, string operation, ulong id) => new()
    {
        TraceId = new TraceId(0, trace), Id = new SpanId(id), Name = operation, StartNs = StartNs, DurationNs = 2_000,
        Protocol = SpanProtocol.Otlp, Resource = Process(service, []),
    };

    private static Resource Process(string service, SpanAttribute[] attributes) => new()
    {
        ServiceName = service, Attributes = [new("service.name", AttributeValue.Of(service)), .. attributes],
    };

    private static string Service(int number) => string.Create(CultureInfo.InvariantCulture, $"query{number:d2}-service");
}
