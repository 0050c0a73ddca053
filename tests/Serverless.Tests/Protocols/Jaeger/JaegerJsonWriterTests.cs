using System.Text.Json.Nodes;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;
using static Serverless.Tests.Protocols.SampleSpans;

namespace Serverless.Tests.Protocols.Jaeger;

public sealed class JaegerJsonWriterTests
{
    [Fact]
    public void An_OpenTelemetry_span_follows_Jaegers_translator() => Assert.Equal(
        JsonText.Compact(
            """
            {"traceID":"463ac35c9f6413ad48485a3953bb6124","spans":[
              {"traceID":"463ac35c9f6413ad48485a3953bb6124","spanID":"b7ad6b7169203331","flags":257,"operationName":"POST /Orders",
               "references":[
                 {"refType":"CHILD_OF","traceID":"463ac35c9f6413ad48485a3953bb6124","spanID":"5af7183fb1d4cf5f"},
                 {"refType":"FOLLOWS_FROM","traceID":"0000000000000abc","spanID":"0000000000000def"},
                 {"refType":"CHILD_OF","traceID":"463ac35c9f6413ad48485a3953bb6124","spanID":"0000000000000007"}],
               "startTime":1556604172355737,"duration":1431,
               "tags":[
                 {"key":"otel.scope.name","type":"string","value":"lib"},
                 {"key":"otel.scope.version","type":"string","value":"1.2"},
                 {"key":"otel.library.name","type":"string","value":"lib"},
                 {"key":"otel.library.version","type":"string","value":"1.2"},
                 {"key":"scope.kind","type":"string","value":"auto"},
                 {"key":"http.method","type":"string","value":"POST"},
                 {"key":"int","type":"int64","value":42},
                 {"key":"big","type":"int64","value":"9223372036854775807"},
                 {"key":"edge","type":"int64","value":9007199254740991},
                 {"key":"small","type":"int64","value":"-9007199254740992"},
                 {"key":"half","type":"float64","value":0.5},
                 {"key":"nan","type":"float64","value":"NaN"},
                 {"key":"inf","type":"float64","value":"-Infinity"},
                 {"key":"yes","type":"bool","value":true},
                 {"key":"bytes","type":"binary","value":"AQL/"},
                 {"key":"list","type":"string","value":"[\"a\\\"b\",1,\"NaN\"]"},
                 {"key":"map","type":"string","value":"{\"k\":[false]}"},
                 {"key":"empty","type":"string","value":""},
                 {"key":"peer.service","type":"string","value":"Payments"},
                 {"key":"span.kind","type":"string","value":"client"},
                 {"key":"otel.status_code","type":"string","value":"ERROR"},
                 {"key":"error","type":"bool","value":true},
                 {"key":"otel.status_description","type":"string","value":"card refused"},
                 {"key":"w3c.tracestate","type":"string","value":"rojo=1"},
                 {"key":"otel.dropped_attributes_count","type":"int64","value":1},
                 {"key":"otel.dropped_events_count","type":"int64","value":2},
                 {"key":"otel.dropped_links_count","type":"int64","value":3}],
               "logs":[
                 {"timestamp":1556604172355800,"fields":[{"key":"event","type":"string","value":"plain"}]},
                 {"timestamp":1556604172355900,"fields":[
                   {"key":"event","type":"string","value":"say \"hi\""},
                   {"key":"k","type":"string","value":"v"},
                   {"key":"n","type":"int64","value":1},
                   {"key":"otel.dropped_attributes_count","type":"int64","value":2}]}],
               "processID":"p1","warnings":["clock skew"]}],
             "processes":{"p1":{"serviceName":"Checkout","tags":[
               {"key":"host.name","type":"string","value":"h1"},
               {"key":"http.method","type":"string","value":"resource's"}]}},
             "warnings":["incomplete"]}
            """),
        JsonText.Compact(JsonText.Of(json => JaegerJsonWriter.WriteTrace(json, [SampleSpans.Otlp()], _ => ["clock skew"], ["incomplete"]))));

    [Fact]
    public void A_Zipkin_span_follows_Jaegers_Zipkin_receiver() => Assert.Equal(
        JsonText.Compact(
            """
            {"traceID":"463ac35c9f6413ad48485a3953bb6124","spans":[
              {"traceID":"463ac35c9f6413ad48485a3953bb6124","spanID":"352bff9a74ca9ad2","flags":2,"operationName":"send order",
               "references":[{"refType":"CHILD_OF","traceID":"463ac35c9f6413ad48485a3953bb6124","spanID":"5af7183fb1d4cf5f"}],
               "startTime":1556604172355737,"duration":1431,
               "tags":[
                 {"key":"kafka.topic","type":"string","value":"orders"},
                 {"key":"note","type":"string","value":"zażółć 😀\n"},
                 {"key":"http.status_code","type":"string","value":"200"},
                 {"key":"empty","type":"string","value":""},
                 {"key":"span.kind","type":"string","value":"producer"},
                 {"key":"peer.service","type":"string","value":"kafka"},
                 {"key":"peer.ipv4","type":"string","value":"10.0.0.7"},
                 {"key":"peer.port","type":"int64","value":9092}],
               "logs":[
                 {"timestamp":1556604172355800,"fields":[{"key":"event","type":"string","value":"ws"}]},
                 {"timestamp":1556604172356100,"fields":[{"key":"event","type":"string","value":"flushed é \"quoted\""}]}],
               "processID":"p1","warnings":null},
              {"traceID":"463ac35c9f6413ad48485a3953bb6124","spanID":"5af7183fb1d4cf5f","operationName":"","references":[],
               "startTime":0,"duration":0,
               "tags":[{"key":"error","type":"bool","value":true},{"key":"span.kind","type":"string","value":"server"}],
               "logs":[],"processID":"p2","warnings":null},
              {"traceID":"463ac35c9f6413ad48485a3953bb6124","spanID":"0000000000000001","operationName":"",
               "references":[{"refType":"CHILD_OF","traceID":"463ac35c9f6413ad48485a3953bb6124","spanID":"352bff9a74ca9ad2"}],
               "startTime":1556604172400000,"duration":1,
               "tags":[{"key":"span.kind","type":"string","value":"consumer"}],"logs":[],"processID":"p3","warnings":null}],
             "processes":{
               "p1":{"serviceName":"checkout","tags":[
                 {"key":"ip","type":"string","value":"192.168.99.101"},
                 {"key":"ipv6","type":"string","value":"2001:db8::c001"},
                 {"key":"port","type":"int64","value":9000}]},
               "p2":{"serviceName":"front","tags":[]},
               "p3":{"serviceName":"unknown-service-name","tags":[]}},
             "warnings":null}
            """),
        JsonText.Compact(Write(ZipkinCorpus.Decode(ZipkinCorpus.Read("every-field.json")))));

    [Fact]
    public void A_64_bit_trace_id_has_16_digits_everywhere()
    {
        var trace = Parse(ZipkinCorpus.Decode(ZipkinCorpus.Read("bookinfo-64bit.json")));
        Assert.Equal("6c1f09d2be7a4853", (string?)trace["traceID"]);
        Assert.All(trace["spans"]!.AsArray(), span => Assert.Equal("6c1f09d2be7a4853", (string?)span!["traceID"]));
        Assert.Equal("6c1f09d2be7a4853", (string?)trace["spans"]![2]!["references"]![0]!["traceID"]);
        Assert.Equal(
            ["istio-ingressgateway.istio-system", "productpage.default", "details.default", "reviews.default", "ratings.default"],
            trace["processes"]!.AsObject().Select(process => (string?)process.Value!["serviceName"]));
    }

    [Fact]
    public void All_ids_of_a_trace_are_spelled_as_its_first_spans()
    {
        var trace = Parse(
            new Span { TraceId = Wide, Id = new(1) },
            new Span
            {
                TraceId = new(0, Wide.Low),
                Id = new(2),
                ParentId = new(1),
                Links = [new SpanLink(new TraceId(0, Wide.Low), new SpanId(3), "", [], 0, 0), new SpanLink(new TraceId(5, Wide.Low), new SpanId(4), "", [], 0, 0)],
            });
        var second = trace["spans"]![1]!;
        Assert.Equal(Wide.ToString(), (string?)second["traceID"]);
        Assert.Equal(
            [Wide.ToString(), Wide.ToString(), "000000000000000548485a3953bb6124"],
            second["references"]!.AsArray().Select(reference => (string?)reference!["traceID"]));
    }

    [Fact]
    public void A_link_to_the_parent_says_what_kind_of_parent_it_is()
    {
        var references = Parse(new Span
        {
            TraceId = Wide,
            Id = new(2),
            ParentId = new(1),
            Links = [new SpanLink(Wide, new SpanId(9), "", [], 0, 0), new SpanLink(Wide, new SpanId(1), "", [Of("opentracing.ref_type", "follows_from")], 0, 0)],
        })["spans"]![0]!["references"]!.AsArray();
        Assert.Equal(
            ["FOLLOWS_FROM 0000000000000001", "FOLLOWS_FROM 0000000000000009"], references.Select(r => $"{r!["refType"]} {r["spanID"]}"));
    }

    [Fact]
    public void Beside_a_second_parent_the_first_is_not_said_to_be_followed_for_the_page_takes_the_first_it_is_a_child_of()
    {
        var references = Parse(new Span
        {
            TraceId = Wide,
            Id = new(2),
            ParentId = new(1),
            Links =
            [
                new SpanLink(Wide, new SpanId(1), "", [Of("opentracing.ref_type", "follows_from")], 0, 0),
                new SpanLink(Wide, new SpanId(9), "", [Of("opentracing.ref_type", "child_of")], 0, 0),
            ],
        })["spans"]![0]!["references"]!.AsArray();
        Assert.Equal(["CHILD_OF 0000000000000001", "CHILD_OF 0000000000000009"], references.Select(r => $"{r!["refType"]} {r["spanID"]}"));
    }

    [Fact]
    public void Equal_resources_are_one_process()
    {
        static Span Of(string service, string host, params byte[] bytes) => new()
        {
            Resource = new Resource
            {
                ServiceName = service,
                Attributes = [SampleSpans.Of("service.name", service), SampleSpans.Of("host", host), new("b", AttributeValue.Of(bytes))],
            },
        };
        var trace = Parse(Of("a", "1", 1), Of("b", "1", 1), Of("a", "1", 1), Of("a", "2", 1), Of("a", "1", 2), Of("b", "1", 1));
        Assert.Equal(["p1", "p2", "p1", "p3", "p4", "p2"], trace["spans"]!.AsArray().Select(span => (string?)span!["processID"]));
        Assert.Equal(4, trace["processes"]!.AsObject().Count);
    }

    [Theory]
    [InlineData(SpanProtocol.Otlp, "OTLPResourceNoServiceName")]
    [InlineData(SpanProtocol.Zipkin, "unknown-service-name")]
    [InlineData(SpanProtocol.Jaeger, "unknown-service-name")]
    public void A_service_without_a_name_gets_Jaegers(SpanProtocol protocol, string name) =>
        Assert.Equal(name, (string?)Parse(new Span { Protocol = protocol })["processes"]!["p1"]!["serviceName"]);

    [Theory]
    [InlineData(SpanStatus.Error, null, """{"key":"error","type":"bool","value":true}""")]
    [InlineData(SpanStatus.Error, "true", """{"key":"error","type":"bool","value":true}""")]
    [InlineData(SpanStatus.Error, "", """{"key":"error","type":"bool","value":true}""")]
    [InlineData(SpanStatus.Error, "timeout", """{"key":"error","type":"string","value":"timeout"}""")]
    [InlineData(SpanStatus.Unset, "false", """{"key":"error","type":"bool","value":false}""")]
    [InlineData(SpanStatus.Unset, "timeout", """{"key":"error","type":"string","value":"timeout"}""")]
    [InlineData(SpanStatus.Unset, null, null)]
    public void An_error_is_one_tag_that_the_UI_understands(SpanStatus status, string? tag, string? expected)
    {
        var tags = TagsOf(new Span { Protocol = SpanProtocol.Zipkin, Status = status, Attributes = tag is null ? [] : [Of("error", tag)] });
        Assert.Equal(expected is null ? [] : [expected], tags);
    }

    [Fact]
    public void An_error_attribute_that_denies_the_status_gives_way_to_it() =>
        Assert.Equal(
            ["""{"key":"error","type":"bool","value":true}"""],
            TagsOf(new Span { Protocol = SpanProtocol.Jaeger, Status = SpanStatus.Error, Attributes = [new("error", AttributeValue.Of(false))] }));

    [Fact]
    public void What_an_attribute_says_is_not_said_again()
    {
        var attributes = new[] { Of("span.kind", "server"), Of("otel.status_code", "OK"), Of("peer.service", "q"), Of("otel.scope.name", "s") };
        var tags = TagsOf(new Span
        {
            Kind = SpanKind.Server,
            Status = SpanStatus.Ok,
            Attributes = attributes,
            RemoteEndpoint = new Endpoint("r", null, null, 0),
            Scope = new InstrumentationScope { Name = "t" },
        });
        Assert.Equal(["otel.library.name", .. attributes.Select(a => a.Key)], tags.Select(tag => (string?)JsonNode.Parse(tag)!["key"]));
    }

    [Fact]
    public void An_event_attribute_named_event_replaces_the_events_name()
    {
        var fields = Parse(new Span { Events = [new SpanEvent(1000, "x", [Of("event", "y")], 0)] })["spans"]![0]!["logs"]![0]!["fields"]!;
        Assert.Equal("""[{"key":"event","type":"string","value":"y"}]""", fields.ToJsonString());
    }

    [Fact]
    public void A_negative_duration_reads_0() => Assert.Equal(0, (int)Parse(new Span { DurationNs = -5 })["spans"]![0]!["duration"]!);

    private static string Write(params Span[] spans) => JsonText.Of(json => JaegerJsonWriter.WriteTrace(json, spans));

    private static JsonNode Parse(params Span[] spans) => JsonNode.Parse(Write(spans))!;

    private static string[] TagsOf(Span span) =>
        [.. Parse(span)["spans"]![0]!["tags"]!.AsArray().Select(tag => tag!.ToJsonString())];
}
