using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Tests.Frames;
using Serverless.Tests.Querying.Jaeger;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Tests.Protocols.Otlp;

public sealed class OtlpJsonWriterTests
{
    [Fact]
    public void A_span_is_written_with_hex_ids_and_64_bit_integers_as_strings()
    {
        var span = Assert.Single(Spans(OtlpBody.Of(SampleSpans.Otlp())));
        Assert.Equal("463ac35c9f6413ad48485a3953bb6124", span.GetProperty("traceId").GetString());
        Assert.Equal("b7ad6b7169203331", span.GetProperty("spanId").GetString());
        Assert.Equal("5af7183fb1d4cf5f", span.GetProperty("parentSpanId").GetString());
        Assert.Equal("1556604172355737123", span.GetProperty("startTimeUnixNano").GetString());
        Assert.Equal("1556604172357169122", span.GetProperty("endTimeUnixNano").GetString());
        Assert.Equal(0x101, span.GetProperty("flags").GetInt32());
        Assert.Equal(3, span.GetProperty("kind").GetInt32());
        Assert.Equal("rojo=1", span.GetProperty("traceState").GetString());
        Assert.Equal("""{"message":"card refused","code":2}""", span.GetProperty("status").GetRawText());
        Assert.Equal(1, span.GetProperty("droppedAttributesCount").GetInt32());
        Assert.Equal(2, span.GetProperty("droppedEventsCount").GetInt32());
        Assert.Equal(3, span.GetProperty("droppedLinksCount").GetInt32());
        Assert.Equal("00000000000000000000000000000abc", span.GetProperty("links")[0].GetProperty("traceId").GetString());
        Assert.Equal("x=y", span.GetProperty("links")[0].GetProperty("traceState").GetString());
        Assert.Equal("1556604172355900999", span.GetProperty("events")[1].GetProperty("timeUnixNano").GetString());
    }

    [Theory]
    [InlineData(1_000UL, 5L, SpanMarks.None, "1005")]
    [InlineData(1_000UL, -5L, SpanMarks.None, "995")]
    [InlineData(1_000UL, 0L, SpanMarks.NoDuration, null)]
    [InlineData(ulong.MaxValue, 5L, SpanMarks.None, "18446744073709551615")]
    [InlineData(1_000UL, long.MinValue, SpanMarks.None, null)]
    public void The_end_is_never_wrapped_around(ulong start, long took, SpanMarks marks, string? end)
    {
        var span = SampleSpans.Otlp() with { StartNs = start, DurationNs = took, Marks = marks };
        var written = Assert.Single(Spans(OtlpBody.Of(span)));
        Assert.Equal(end, written.TryGetProperty("endTimeUnixNano", out var value) ? value.GetString() : null);
    }

    [Theory]
    [InlineData("int", """{"intValue":"42"}""")]
    [InlineData("big", """{"intValue":"9223372036854775807"}""")]
    [InlineData("half", """{"doubleValue":0.5}""")]
    [InlineData("nan", """{"doubleValue":"NaN"}""")]
    [InlineData("inf", """{"doubleValue":"-Infinity"}""")]
    [InlineData("yes", """{"boolValue":true}""")]
    [InlineData("bytes", """{"bytesValue":"AQL/"}""")]
    [InlineData("empty", "{}")]
    [InlineData("map", """{"kvlistValue":{"values":[{"key":"k","value":{"arrayValue":{"values":[{"boolValue":false}]}}}]}}""")]
    public void Every_type_of_attribute_has_its_field(string key, string expected)
    {
        var span = Assert.Single(Spans(OtlpBody.Of(SampleSpans.Otlp())));
        var attribute = Assert.Single(span.GetProperty("attributes").EnumerateArray(), a => a.GetProperty("key").GetString() == key);
        Assert.Equal(expected, attribute.GetProperty("value").GetRawText());
    }

    [Fact]
    public void What_is_written_is_read_again_as_it_was()
    {
        var spans = new RandomSpans(11).Make(300, 7, wholeMicroseconds: false)
            .Where(span => span.HasStart && span.HasDuration && span.StartNs > 0 && !span.Id.IsZero && span.DurationNs > 0
                && span.StartNs <= ulong.MaxValue - (ulong)span.DurationNs
                && span.Links.All(link => !link.SpanId.IsZero && !link.TraceId.IsZero))
            .Select(span => span with { Marks = SpanMarks.None, RemoteEndpoint = null, Resource = Plain(span.Resource), Flags = span.Flags })
            .ToArray();
        Assert.True(spans.Length > 50);
        foreach (var trace in spans.GroupBy(span => span.TraceId))
        {
            var read = Read(OtlpBody.Of([.. trace]));
            Assert.Equal(trace.Select(SpanFrames.Describe).Order(), read.Select(SpanFrames.Describe).Order());
        }
    }

    [Fact]
    public void What_OTLP_has_no_field_for_becomes_attributes()
    {
        var span = new Span
        {
            TraceId = new TraceId(0, 1), Id = new SpanId(2), Protocol = SpanProtocol.Zipkin, Marks = SpanMarks.Shared | SpanMarks.Debug | SpanMarks.NoDuration,
            StartNs = 5,
            Resource = new Resource { ServiceName = "front", LocalEndpoint = new Endpoint("front", IPAddress.Parse("10.0.0.1"), null, 80) },
            RemoteEndpoint = new Endpoint("back", IPAddress.Parse("10.0.0.2"), IPAddress.Parse("2001:db8::1"), 81),
            Attributes = [SampleSpans.Of("network.local.port", "said")],
        };
        var body = JsonDocument.Parse(OtlpBody.Of(span)).RootElement.GetProperty("resourceSpans")[0];
        Assert.Equal(
            """[{"key":"service.name","value":{"stringValue":"front"}}]""", body.GetProperty("resource").GetProperty("attributes").GetRawText());
        var written = body.GetProperty("scopeSpans")[0].GetProperty("spans")[0];
        Assert.Equal(
            ["network.local.port=said", "peer.service=back", "network.peer.address=[\"10.0.0.2\",\"2001:db8::1\"]", "network.peer.port=81",
                "network.local.address=10.0.0.1", "zipkin.debug=true", "zipkin.shared=true"],
            Read(OtlpBody.Of(span)).Single().Attributes.Select(a => $"{a.Key}={a.Value}"));
        Assert.False(written.TryGetProperty("endTimeUnixNano", out _));
        Assert.False(written.TryGetProperty("parentSpanId", out _));
        Assert.False(written.TryGetProperty("kind", out _));
    }

    [Fact]
    public void Spans_are_grouped_by_resource_and_scope_also_where_they_came_in_different_requests()
    {
        Span Of(ulong id, string service, string? scope) => new()
        {
            TraceId = new TraceId(0, 1), Id = new SpanId(id), Protocol = SpanProtocol.Otlp, StartNs = 1,
            Resource = new Resource { ServiceName = service, Attributes = [SampleSpans.Of("service.name", service)] },
            Scope = scope is null ? null : new InstrumentationScope { Name = scope },
        };
        var groups = JsonDocument.Parse(OtlpBody.Of(Of(1, "a", "x"), Of(2, "b", null), Of(3, "a", "y"), Of(4, "a", "x"))).RootElement
            .GetProperty("resourceSpans").EnumerateArray()
            .Select(resource => string.Join('|', resource.GetProperty("scopeSpans").EnumerateArray()
                .Select(scope => string.Join(',', scope.GetProperty("spans").EnumerateArray().Select(span => span.GetProperty("spanId").GetString()![^1])))));
        Assert.Equal(["1,4|3", "2"], groups);
    }

    [Fact]
    public void Warnings_are_where_Jaeger_has_them()
    {
        var span = SampleSpans.Otlp() with { Attributes = [] };
        var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartArray();
            OtlpJsonWriter.WriteResourceSpans(json, [span], _ => ["one", "two"]);
            json.WriteEndArray();
        }

        Assert.Contains(
            """{"key":"@jaeger@warnings","value":{"arrayValue":{"values":[{"stringValue":"one"},{"stringValue":"two"}]}}}""",
            Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
    }

    private static Resource Plain(Resource resource) => new()
    {
        // What a decoder makes of the resource: the name is that of the last attribute that says it.
        Attributes = [SampleSpans.Of("service.name", resource.ServiceName), .. resource.Attributes.Where(a => a.Key != "service.name")],
        ServiceName = resource.ServiceName,
        DroppedAttributes = resource.DroppedAttributes,
        SchemaUrl = resource.SchemaUrl,
    };

    private static List<Span> Read(string body)
    {
        var batch = new SpanBatch();
        batch.Reset(SpanProtocol.Otlp);
        new OtlpJsonDecoder().Decode(Encoding.UTF8.GetBytes(body), batch, DecodeLimits.Default);
        var frames = new FrameBuffer();
        new FrameWriter().Write(batch, frames);
        return SpanFrames.Decode(frames.Written.ToArray());
    }

    private static List<JsonElement> Spans(string body) =>
        [.. JsonDocument.Parse(body).RootElement.GetProperty("resourceSpans").EnumerateArray()
            .SelectMany(resource => resource.GetProperty("scopeSpans").EnumerateArray())
            .SelectMany(scope => scope.GetProperty("spans").EnumerateArray())];
}
