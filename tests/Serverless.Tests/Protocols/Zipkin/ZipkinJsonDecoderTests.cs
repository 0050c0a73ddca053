using System.Net;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;

namespace Serverless.Tests.Protocols.Zipkin;

public sealed class ZipkinJsonDecoderTests
{
    [Fact]
    public void Every_field_is_read()
    {
        var spans = ZipkinCorpus.Decode(ZipkinCorpus.Read("every-field.json"), null, out var result);

        Assert.Equal(new DecodeResult(3, 0, 0, null), result);
        var span = spans[0];
        Assert.Equal(new TraceId(0x463ac35c9f6413ad, 0x48485a3953bb6124), span.TraceId);
        Assert.Equal(new SpanId(0x352bff9a74ca9ad2), span.Id);
        Assert.Equal(new SpanId(0x5af7183fb1d4cf5f), span.ParentId);
        Assert.Equal(SpanKind.Producer, span.Kind);
        Assert.Equal("send order", span.Name);
        Assert.Equal(1556604172355737000UL, span.StartNs);
        Assert.Equal(1431000L, span.DurationNs);
        Assert.Equal(SpanMarks.Debug, span.Marks);
        Assert.Equal(SpanStatus.Unset, span.Status);
        Assert.Equal("checkout", span.ServiceName);
        Assert.Equal([new SpanAttribute("service.name", AttributeValue.Of("checkout"))], span.Resource.Attributes, Same);
        Assert.Equal(
            new Endpoint("checkout", IPAddress.Parse("192.168.99.101"), IPAddress.Parse("2001:db8::c001"), 9000),
            span.Resource.LocalEndpoint);
        Assert.Equal(new Endpoint("kafka", IPAddress.Parse("10.0.0.7"), null, 9092), span.RemoteEndpoint);
        Assert.Equal(["ws", "flushed é \"quoted\""], span.Events.Select(e => e.Name));
        Assert.Equal([1556604172355800000UL, 1556604172356100000UL], span.Events.Select(e => e.TimeNs));
        Assert.Equal(
            ["kafka.topic=orders", "note=zażółć 😀\n", "http.status_code=200", "empty="],
            span.Attributes.Select(a => $"{a.Key}={a.Value}"));

        Assert.Equal(SpanMarks.Shared | SpanMarks.NoStart | SpanMarks.NoDuration, spans[1].Marks);
        Assert.Equal(SpanStatus.Error, spans[1].Status);
        Assert.Equal("error=", Assert.Single(spans[1].Attributes.Select(a => $"{a.Key}={a.Value}")));
        Assert.Null(spans[1].Resource.LocalEndpoint);
        Assert.Equal("front", spans[1].ServiceName);

        Assert.Equal(new SpanId(1), spans[2].Id);
        Assert.Equal("", spans[2].ServiceName);
        Assert.Empty(spans[2].Resource.Attributes);
        Assert.Null(spans[2].RemoteEndpoint);
    }

    [Fact]
    public void Bookinfo_has_a_shared_server_half_for_each_call()
    {
        var spans = ZipkinCorpus.Decode(ZipkinCorpus.Read("bookinfo-64bit.json"));

        Assert.Equal(8, spans.Length);
        Assert.All(spans, span => Assert.Equal(new TraceId(0, 0x6c1f09d2be7a4853), span.TraceId));
        foreach (var call in spans.GroupBy(span => span.Id))
        {
            Assert.Equal([(SpanKind.Client, false), (SpanKind.Server, true)], call.Select(span => (span.Kind, span.IsShared)));
            Assert.Single(call.Select(span => span.ParentId).Distinct());
        }

        Assert.Equal(0, spans[0].Resource.LocalEndpoint!.Port);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData(" [ ] \r\n")]
    public void A_body_without_spans_is_fine(string body) => Assert.Empty(ZipkinCorpus.Decode(body));

    [Theory]
    [InlineData("1", 0UL, 1UL)]
    [InlineData("463ac35c9f6413ad", 0UL, 0x463ac35c9f6413adUL)]
    [InlineData("a463ac35c9f6413ad", 0xaUL, 0x463ac35c9f6413adUL)]
    [InlineData("0000000000000000463ac35c9f6413ad", 0UL, 0x463ac35c9f6413adUL)]
    [InlineData("10000000000000000000000000000000", 0x1000000000000000UL, 0UL)]
    public void Trace_ids_are_padded_and_leading_zeros_make_64_bits(string id, ulong high, ulong low) =>
        Assert.Equal(new TraceId(high, low), ZipkinCorpus.Decode($$"""[{"traceId":"{{id}}","id":"2"}]""")[0].TraceId);

    [Theory]
    [InlineData("""{"traceId":"1","id":"2","parentId":"0000"}""")]
    [InlineData("""{"traceId":"1","id":"2","parentId":"02"}""")]
    [InlineData("""{"traceId":"1","parentId":"2","id":"2"}""")]
    [InlineData("""{"traceId":"1","id":"2","parentId":null}""")]
    public void A_parent_that_is_zero_or_the_span_itself_is_none(string span) =>
        Assert.True(ZipkinCorpus.Decode($"[{span}]")[0].ParentId.IsZero);

    [Fact]
    public void A_client_span_is_never_shared()
    {
        var spans = ZipkinCorpus.Decode(
            """[{"traceId":"1","id":"2","shared":true,"kind":"CLIENT"},{"traceId":"1","id":"2","shared":true},{"traceId":"1","id":"2","shared":false}]""");
        Assert.Equal([false, true, false], spans.Select(span => span.IsShared));
    }

    [Theory]
    [InlineData("1500000000000000", 1500000000000000000UL)]
    [InlineData("1.5e15", 1500000000000000000UL)]
    [InlineData("1795173381123456.8", 1795173381123456000UL)]
    [InlineData("\"1500000000000000\"", 1500000000000000000UL)]
    [InlineData("1500000000000000.0", 1500000000000000000UL)]
    public void A_time_may_be_any_spelling_of_a_number_and_a_fraction_of_a_microsecond_is_cut(string time, ulong ns)
    {
        var span = ZipkinCorpus.Decode($$"""[{"traceId":"1","id":"2","timestamp":{{time}},"duration":{{time}}}]""")[0];
        Assert.Equal((ns, (long)ns), (span.StartNs, span.DurationNs));
        Assert.True(span.HasStart && span.HasDuration);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("null")]
    public void A_time_of_zero_or_less_is_none(string time)
    {
        var span = ZipkinCorpus.Decode($$"""[{"traceId":"1","id":"2","timestamp":{{time}},"duration":{{time}}}]""")[0];
        Assert.Equal((0UL, 0L), (span.StartNs, span.DurationNs));
        Assert.False(span.HasStart || span.HasDuration);
    }

    [Fact]
    public void A_time_beyond_64_bits_of_nanoseconds_is_cut_and_marked()
    {
        var span = ZipkinCorpus.Decode(
            "[{\"traceId\":\"1\",\"id\":\"2\",\"timestamp\":9223372036854775807,\"duration\":9223372036854775807}]"u8, null, out var result)[0];
        Assert.Equal((18446744073709551000UL, 9223372036854775000L), (span.StartNs, span.DurationNs));
        Assert.Equal(SpanMarks.Truncated | SpanMarks.CutValue, span.Marks);
        Assert.Equal(1, result.Truncated);
    }

    [Theory]
    [InlineData("""{"serviceName":"A","ipv4":"1.2.3.4"}""", "a", "1.2.3.4", null, 0)]
    [InlineData("""{"ipv6":"::ffff:1.2.3.4"}""", "", "1.2.3.4", null, 0)]
    [InlineData("""{"ipv6":"::FFFF:0102:0304"}""", "", "1.2.3.4", null, 0)]
    [InlineData("""{"ipv6":"::1.2.3.4"}""", "", "1.2.3.4", null, 0)]
    [InlineData("""{"ipv6":"2001:DB8:0:0:0:0:0:1"}""", "", null, "2001:db8::1", 0)]
    [InlineData("""{"ipv4":"::1","port":80}""", "", null, "::1", 80)]
    [InlineData("""{"ipv6":"1:2:3:4:5:6:7::"}""", "", null, "1:2:3:4:5:6:7:0", 0)]
    [InlineData("""{"ipv4":"localhost","ipv6":"fe80::1%eth0","port":"65535"}""", "", null, null, 65535)]
    [InlineData("""{"serviceName":"x","ipv4":"1.2.3","port":-1,"zone":{"a":1}}""", "x", null, null, 0)]
    [InlineData("""{"serviceName":"x","ipv4":"1.2.3.256","ipv6":"1::2::3"}""", "x", null, null, 0)]
    [InlineData("""{"serviceName":"x","ipv4":"1.2.3.4.5","ipv6":"1:2:3:4:5:6:7:8:9"}""", "x", null, null, 0)]
    [InlineData("""{"serviceName":"x","ipv4":"1..3.4","ipv6":"1:2:3:4:5:6:7:"}""", "x", null, null, 0)]
    [InlineData("""{"serviceName":"ZAŻÓŁĆ Ⱥ","ipv6":"12345::"}""", "zażółć ⱥ", null, null, 0)]
    [InlineData("""{"serviceName":null,"ipv4":"","port":9}""", "", null, null, 9)]
    public void Endpoints_are_read_as_Zipkin_reads_them(string json, string service, string? ipv4, string? ipv6, int port)
    {
        var spans = ZipkinCorpus.Decode(
            $$"""[{"traceId":"1","id":"2","localEndpoint":{{json}},"remoteEndpoint":{{json}}}]""");
        var expected = new Endpoint(service, ipv4 is null ? null : IPAddress.Parse(ipv4), ipv6 is null ? null : IPAddress.Parse(ipv6), port);
        Assert.Equal(expected, spans[0].RemoteEndpoint);
        Assert.Equal(service, spans[0].ServiceName);
        Assert.Equal(ipv4 is null && ipv6 is null && port == 0 ? null : expected, spans[0].Resource.LocalEndpoint);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"serviceName":"","ipv4":"nowhere","port":0}""")]
    public void An_empty_endpoint_is_none(string json)
    {
        var span = ZipkinCorpus.Decode($$"""[{"traceId":"1","id":"2","localEndpoint":{{json}},"remoteEndpoint":{{json}}}]""")[0];
        Assert.Null(span.RemoteEndpoint);
        Assert.Null(span.Resource.LocalEndpoint);
        Assert.Equal("", span.ServiceName);
    }

    [Fact]
    public void Of_repeated_fields_the_last_wins()
    {
        var span = ZipkinCorpus.Decode(
            """
            [{"traceId":"1","id":"2","name":"a","name":"b","traceId":"3","timestamp":5,"timestamp":7,
              "tags":{"k":"1","x":"y","k":"2"},"tags":{"k":"3","z":"z"},"localEndpoint":{"serviceName":"a","port":1},"localEndpoint":{"serviceName":"b"}}]
            """)[0];
        Assert.Equal("b", span.Name);
        Assert.Equal(new TraceId(0, 3), span.TraceId);
        Assert.Equal(7000UL, span.StartNs);
        Assert.Equal("b", span.ServiceName);
        Assert.Null(span.Resource.LocalEndpoint);
        Assert.Equal(["k=3", "x=y", "z=z"], span.Attributes.Select(a => $"{a.Key}={a.Value}"));
    }

    [Fact]
    public void The_same_key_in_another_span_is_another_tag()
    {
        var spans = ZipkinCorpus.Decode(
            """[{"traceId":"1","id":"2","tags":{"k":"1","service.name":"q"},"localEndpoint":{"serviceName":"s"}},{"traceId":"1","id":"3","tags":{"k":"2","service.name":"r"}}]""");
        Assert.Equal(["k=1", "service.name=q"], spans[0].Attributes.Select(a => $"{a.Key}={a.Value}"));
        Assert.Equal(["k=2", "service.name=r"], spans[1].Attributes.Select(a => $"{a.Key}={a.Value}"));
        Assert.Equal("s", spans[0].Resource.Attributes[0].Value.Text);
    }

    [Fact]
    public void Escapes_are_read_in_names_and_values_and_half_a_pair_is_replaced()
    {
        var span = ZipkinCorpus.Decode(
            """[{"\u0074raceId":"\u0031","id":"2","tags":{"a\/\"\\\b\f\n\r\t":"\ud83d\ude00","cut":"x\ud83d","low":"\ude00y","two":"\ud83d\u0041"}}]""")[0];
        Assert.Equal(
            ["a/\"\\\b\f\n\r\t=😀", "cut=x\ufffd", "low=\ufffdy", "two=\ufffdA"], span.Attributes.Select(a => $"{a.Key}={a.Value}"));
    }

    [Fact]
    public void A_number_is_taken_where_a_text_belongs_as_Zipkin_does()
    {
        var span = ZipkinCorpus.Decode("""[{"traceId":12,"id":"2","name":1.5,"tags":{"http.status_code":200}}]""")[0];
        Assert.Equal(new TraceId(0, 0x12), span.TraceId);
        Assert.Equal("1.5", span.Name);
        Assert.Equal("200", span.Attributes[0].Value.Text);
    }

    [Fact]
    public void What_is_over_a_limit_is_cut_counted_and_marked()
    {
        var limits = new DecodeLimits { MaxAttributes = 2, MaxEvents = 1, MaxNameBytes = 4, MaxValueBytes = 5 };
        var spans = ZipkinCorpus.Decode(
            """
            [{"traceId":"1","id":"2","name":"ABCé","tags":{"a":"1234é","keykey":"2","c":"3","d":"4","a":"5"},"annotations":[{"timestamp":1,"value":"x"},{"timestamp":2,"value":"y"}]},
             {"traceId":"1","id":"3","name":"abcd"}]
            """u8, limits, out var result);

        Assert.Equal(new DecodeResult(2, 0, 1, null), result);
        Assert.Equal("abc", spans[0].Name);
        Assert.Equal(["a=5", "keyk=2"], spans[0].Attributes.Select(a => $"{a.Key}={a.Value}"));
        Assert.Equal((2U, 1U), (spans[0].DroppedAttributes, spans[0].DroppedEvents));
        Assert.Equal("x", Assert.Single(spans[0].Events).Name);
        Assert.True((spans[0].Marks & SpanMarks.Truncated) != 0);
        Assert.True((spans[1].Marks & SpanMarks.Truncated) == 0);
    }

    private static bool Same(SpanAttribute a, SpanAttribute b) => a.Key == b.Key && a.Value.ToString() == b.Value.ToString();
}
