using System.Net;
using System.Text.Json.Nodes;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Zipkin;
using static Serverless.Tests.Protocols.SampleSpans;

namespace Serverless.Tests.Protocols.Zipkin;

public sealed class ZipkinJsonWriterTests
{
    public static TheoryData<string> Files => [.. ZipkinCorpus.Files];

    [Fact]
    public void A_Zipkin_span_comes_back_in_canonical_form()
    {
        var spans = ZipkinCorpus.Decode(ZipkinCorpus.Read("every-field.json"));
        Assert.Equal(
            JsonText.Compact(
                """
                [
                  {"traceId":"463ac35c9f6413ad48485a3953bb6124","parentId":"5af7183fb1d4cf5f","id":"352bff9a74ca9ad2","kind":"PRODUCER",
                   "name":"send order","timestamp":1556604172355737,"duration":1431,
                   "localEndpoint":{"serviceName":"checkout","ipv4":"192.168.99.101","ipv6":"2001:db8::c001","port":9000},
                   "remoteEndpoint":{"serviceName":"kafka","ipv4":"10.0.0.7","port":9092},
                   "annotations":[{"timestamp":1556604172355800,"value":"ws"},{"timestamp":1556604172356100,"value":"flushed é \"quoted\""}],
                   "tags":{"kafka.topic":"orders","note":"zażółć 😀\n","http.status_code":"200","empty":""},"debug":true},
                  {"traceId":"463ac35c9f6413ad48485a3953bb6124","id":"5af7183fb1d4cf5f","kind":"SERVER",
                   "localEndpoint":{"serviceName":"front"},"tags":{"error":""},"shared":true},
                  {"traceId":"463ac35c9f6413ad48485a3953bb6124","parentId":"352bff9a74ca9ad2","id":"0000000000000001","kind":"CONSUMER",
                   "timestamp":1556604172400000,"duration":1}
                ]
                """),
            JsonText.Compact(JsonText.Of(json => ZipkinJsonWriter.WriteTrace(json, spans))));
    }

    [Fact]
    public void What_Zipkin_cannot_say_is_left_out()
    {
        var id = new SpanId(0xa1);
        var span = new Span
        {
            TraceId = new TraceId(0, 1), Id = id, ParentId = id, StartNs = 999, DurationNs = -1, Protocol = SpanProtocol.Zipkin, Resource = new Resource(),
        };
        Assert.Equal(
            """[{"traceId":"0000000000000001","id":"00000000000000a1"}]""", JsonText.Compact(JsonText.Of(json => ZipkinJsonWriter.WriteTrace(json, [span]))));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_was_written_is_read_as_the_same(string file)
    {
        var once = JsonText.Of(json => ZipkinJsonWriter.WriteTrace(json, ZipkinCorpus.Decode(ZipkinCorpus.Read(file))));
        var twice = JsonText.Of(json => ZipkinJsonWriter.WriteTrace(json, ZipkinCorpus.Decode(once)));
        Assert.Equal(once, twice);
    }

    [Theory]
    [InlineData("bookinfo-64bit.json")]
    [InlineData("bookinfo-128bit.json")]
    public void Envoys_spans_come_back_as_sent_but_for_port_0(string file)
    {
        var sent = JsonNode.Parse(ZipkinCorpus.Read(file))!.AsArray();
        foreach (var span in sent)
            span!["localEndpoint"]!.AsObject().Remove("port");
        var written = JsonNode.Parse(JsonText.Of(json => ZipkinJsonWriter.WriteTrace(json, ZipkinCorpus.Decode(ZipkinCorpus.Read(file)))));
        Assert.True(JsonNode.DeepEquals(sent, written), written!.ToJsonString());
    }

    [Fact]
    public void An_OpenTelemetry_span_follows_the_published_mapping() => Assert.Equal(
        JsonText.Compact(
            """
            {"traceId":"463ac35c9f6413ad48485a3953bb6124","parentId":"5af7183fb1d4cf5f","id":"b7ad6b7169203331","kind":"CLIENT",
             "name":"post /orders","timestamp":1556604172355737,"duration":1431,
             "localEndpoint":{"serviceName":"checkout"},"remoteEndpoint":{"serviceName":"payments"},
             "annotations":[{"timestamp":1556604172355800,"value":"plain"},
               {"timestamp":1556604172355900,"value":"\"say \\\"hi\\\"\": {\"k\":\"v\",\"n\":1,\"otel.dropped_attributes_count\":2}"}],
             "tags":{"host.name":"h1","http.method":"POST","scope.kind":"auto","otel.scope.name":"lib","otel.scope.version":"1.2",
               "int":"42","big":"9223372036854775807","edge":"9007199254740991","small":"-9007199254740992","half":"0.5","nan":"NaN",
               "inf":"-Infinity","yes":"true","bytes":"AQL/","list":"[\"a\\\"b\",1,\"NaN\"]","map":"{\"k\":[false]}","empty":"",
               "peer.service":"Payments","otel.status_code":"ERROR","error":"card refused","w3c.tracestate":"rojo=1",
               "otlp.link.0":"00000000000000000000000000000abc|0000000000000def|x=y|{\"why\":\"retry\"}|1",
               "otlp.link.1":"463ac35c9f6413ad48485a3953bb6124|0000000000000007||{\"opentracing.ref_type\":\"child_of\"}|0",
               "otlp.link.2":"463ac35c9f6413ad48485a3953bb6124|5af7183fb1d4cf5f||{}|0",
               "otel.dropped_attributes_count":"1","otel.dropped_events_count":"2","otel.dropped_links_count":"3"}}
            """),
        JsonText.Compact(Write(SampleSpans.Otlp())));

    [Fact]
    public void A_bare_span_has_only_what_it_has()
    {
        Assert.Equal(
            """{"traceId":"0000000000000abc","id":"0000000000000001","localEndpoint":{"serviceName":"unknown_service"}}""",
            Write(new Span { Protocol = SpanProtocol.Otlp, TraceId = new(0, 0xabc), Id = new(1), Kind = SpanKind.Internal, Marks = SpanMarks.NoStart | SpanMarks.NoDuration }));
        Assert.Equal(
            """{"traceId":"0000000000000abc","id":"0000000000000001"}""",
            Write(new Span { Protocol = SpanProtocol.Zipkin, TraceId = new(0, 0xabc), Id = new(1), Marks = SpanMarks.NoStart | SpanMarks.NoDuration }));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(999, 1)]
    [InlineData(1999, 1)]
    [InlineData(2000, 2)]
    public void A_duration_under_a_microsecond_is_one(long ns, long us) => Assert.Equal(us, (long)Parse(new Span { DurationNs = ns })["duration"]!);

    [Fact]
    public void A_negative_duration_is_left_out() => Assert.Null(Parse(new Span { DurationNs = -5000 })["duration"]);

    [Theory]
    [InlineData(SpanStatus.Error, "", null, "ERROR", "", null)]
    [InlineData(SpanStatus.Error, "why", "true", "ERROR", "why", null)]
    [InlineData(SpanStatus.Error, "why", "timeout", "ERROR", "timeout", "why")]
    [InlineData(SpanStatus.Ok, "", "false", "OK", null, null)]
    [InlineData(SpanStatus.Unset, "", "timeout", null, "timeout", null)]
    [InlineData(SpanStatus.Unset, "", "false", null, null, null)]
    public void A_status_becomes_tags(SpanStatus status, string message, string? tag, string? code, string? error, string? description)
    {
        var tags = Parse(new Span
        {
            Protocol = SpanProtocol.Otlp,
            Status = status,
            StatusMessage = message,
            Attributes = tag is null ? [] : [Of("error", tag)],
        })["tags"]?.AsObject() ?? [];
        Assert.Equal((code, error, description), ((string?)tags["otel.status_code"], (string?)tags["error"], (string?)tags["otel.status_description"]));
    }

    [Theory]
    [InlineData("server.address=db;peer.service=Orders", """{"serviceName":"orders"}""")]
    [InlineData("network.peer.port=99;network.peer.address=10.1.2.3;peer.hostname=x", """{"ipv4":"10.1.2.3","port":99}""")]
    [InlineData("net.sock.peer.addr=2001:DB8::1;net.sock.peer.port=seven", """{"ipv6":"2001:db8::1"}""")]
    [InlineData("network.peer.address=/run/sock;network.peer.port=1", """{"serviceName":"/run/sock","port":1}""")]
    [InlineData("db.name=Items", """{"serviceName":"items"}""")]
    [InlineData("http.host=none", null)]
    public void The_other_side_of_a_call_is_found_by_rank(string attributes, string? endpoint)
    {
        var span = new Span
        {
            Protocol = SpanProtocol.Otlp,
            Kind = SpanKind.Client,
            Attributes = [.. attributes.Split(';').Select(pair => Of(pair.Split('=')[0], pair.Split('=')[1]))],
        };
        Assert.Equal(endpoint, Parse(span)["remoteEndpoint"]?.ToJsonString());
    }

    [Fact]
    public void A_repeated_key_is_written_once_with_its_last_value()
    {
        var span = new Span { Protocol = SpanProtocol.Jaeger, Attributes = [Of("k", "1"), Of("l", "2"), Of("k", "3")] };
        Assert.Contains("""tags":{"k":"3","l":"2"}""", Write(span), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_Zipkin_span_has_the_error_tag_even_where_a_limit_cut_it_off() => Assert.Contains(
        """tags":{"error":"","otel.dropped_attributes_count":"1"}""",
        Write(new Span { Protocol = SpanProtocol.Zipkin, Status = SpanStatus.Error, DroppedAttributes = 1 }),
        StringComparison.Ordinal);

    [Fact]
    public void Addresses_and_marks_of_a_Zipkin_span_are_written()
    {
        var span = new Span
        {
            Protocol = SpanProtocol.Zipkin,
            TraceId = Wide,
            Id = new(2),
            Kind = SpanKind.Server,
            Marks = SpanMarks.Shared | SpanMarks.Debug | SpanMarks.NoStart | SpanMarks.NoDuration | SpanMarks.Truncated,
            Resource = new Resource { LocalEndpoint = new Endpoint("", IPAddress.Loopback, IPAddress.IPv6Loopback, 80) },
            RemoteEndpoint = new Endpoint("", null, null, 1),
        };
        Assert.Equal(
            """{"traceId":"463ac35c9f6413ad48485a3953bb6124","id":"0000000000000002","kind":"SERVER","localEndpoint":{"ipv4":"127.0.0.1","ipv6":"::1","port":80},"remoteEndpoint":{"port":1},"debug":true,"shared":true}""",
            Write(span));
    }

    private static string Write(Span span) => JsonText.Of(json => ZipkinJsonWriter.WriteSpan(json, span));

    private static JsonObject Parse(Span span) => JsonNode.Parse(Write(span))!.AsObject();
}
