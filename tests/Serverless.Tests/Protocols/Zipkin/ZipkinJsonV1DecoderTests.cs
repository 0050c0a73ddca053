using System.Text;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Tests.Protocols.Zipkin;

public sealed class ZipkinJsonV1DecoderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData(" [ ] \r\n")]
    public void A_body_without_spans_is_fine(string body) => Assert.Empty(Decode(body));

    [Fact]
    public void A_body_that_is_both_v1_and_v2_is_taken()
    {
        const string Body = """[{"traceId":"1","id":"1","name":"test"}]""";
        Assert.Equal(ZipkinCorpus.Decode(Body).Select(ZipkinSpanText.WithIds), Decode(Body).Select(ZipkinSpanText.WithIds));
    }

    [Theory]
    [InlineData("1", 0UL, 1UL)]
    [InlineData("463ac35c9f6413ad48485a3953bb6124", 0x463ac35c9f6413adUL, 0x48485a3953bb6124UL)]
    [InlineData("10000000000000000000000000000000", 0x1000000000000000UL, 0UL)]
    public void Trace_ids_are_padded(string id, ulong high, ulong low) =>
        Assert.Equal(new TraceId(high, low), Decode($$"""[{"traceId":"{{id}}","id":"2"}]""")[0].TraceId);

    [Fact]
    public void Ids_as_long_as_a_traces_are_read_from_the_right()
    {
        var span = Decode("""[{"traceId":"1","id":"463ac35c9f6413ad0000000000000002","parentId":"463ac35c9f6413ad0000000000000003"}]""")[0];
        Assert.Equal((new SpanId(2), new SpanId(3)), (span.Id, span.ParentId));
    }

    [Fact]
    public void Nulls_of_optional_fields_are_passed_over() => Assert.Equal("[5:x] {k:Empty=}", ZipkinSpanText.Of(Decode("""
        [{"traceId":"1","id":"2","parentId":null,"name":null,"timestamp":null,"duration":null,"debug":null,
          "annotations":[{"timestamp":5,"value":"x","endpoint":null}],
          "binaryAnnotations":[{"key":"k","value":null,"endpoint":null,"type":null}]}]
        """)[0]));

    [Fact]
    public void Values_of_any_type_are_kept() => Assert.Equal(
        "{a:Int64=1 b:Double=1500 c:True=true d=18446744073709551616 e=[1,{\"x\":null}] f:Double=1E+300}",
        ZipkinSpanText.Of(Decode("""
        [{"traceId":"1","id":"2","binaryAnnotations":[{"key":"a","value":1},{"key":"b","value":1.5e3},{"key":"c","value":true},
          {"key":"d","value":18446744073709551616},{"key":"e","value":[1,{"x":null}]},{"key":"f","value":1e300}]}]
        """)[0]));

    [Fact]
    public void An_endpoint_that_says_nothing_is_none() => Assert.Equal("[1:cs]", ZipkinSpanText.Of(Decode("""
        [{"traceId":"1","id":"2","annotations":[{"timestamp":1,"value":"cs","endpoint":{"serviceName":"","port":0}}]}]
        """)[0]));

    [Fact]
    public void What_is_over_a_limit_is_cut_counted_and_marked_where_it_was()
    {
        var limits = new DecodeLimits { MaxAttributes = 1, MaxEvents = 1 };
        var spans = ZipkinCorpus.DecodeV1("""
            [{"traceId":"1","id":"2","annotations":[{"timestamp":1,"value":"a","endpoint":{"serviceName":"x"}},
              {"timestamp":2,"value":"b","endpoint":{"serviceName":"x"}},{"timestamp":3,"value":"c","endpoint":{"serviceName":"y"}}],
              "binaryAnnotations":[{"key":"k","value":"1","endpoint":{"serviceName":"x"}},{"key":"l","value":"1","endpoint":{"serviceName":"x"}}]}]
            """u8, limits);
        Assert.Equal(["x [1:a] {k=1} Truncated, CutAttributes, CutEvents", "y [3:c]"], spans.Select(ZipkinSpanText.Of));
        Assert.Equal((1u, 1u), (spans[0].DroppedAttributes, spans[0].DroppedEvents));
    }

    [Theory]
    [InlineData("""[{"traceId":"1","id":"2","localEndpoint":{"serviceName":"a"}}]""")]
    [InlineData("""[{"traceId":"1","id":"2","remoteEndpoint":{}}]""")]
    [InlineData("""[{"traceId":"1","id":"2","tags":{}}]""")]
    public void Version_2_is_told_so_in_Zipkins_words(string body) =>
        Assert.Equal("Expected a JSON_V1 encoded list, but received: JSON_V2\n", ZipkinErrors.ResponseText(Refuse(body)));

    [Theory]
    [InlineData("hello")]
    [InlineData("""{"traceId":"1","id":"2"}""")]
    [InlineData("  ")]
    public void A_body_that_is_no_list_is_told_so_in_Zipkins_words(string body) =>
        Assert.Equal("Expected a JSON_V1 encoded list\n", ZipkinErrors.ResponseText(Refuse(body)));

    [Theory]
    [InlineData("""[{"id":"2"}]""", "[0]", 1, "the span has no traceId")]
    [InlineData("""[{"traceId":"1"}]""", "[0]", 1, "the span has no id")]
    [InlineData("""[{"traceId":"1","id":"0"}]""", "[0].id", 21, "id is all zeros")]
    [InlineData("""[{"traceId":"0x1","id":"2"}]""", "[0].traceId", 12, "0x1 should be lower-hex encoded with no prefix")]
    [InlineData("""[{"traceId":"1","id":"123456781234567812345678123456789"}]""", "[0].id", 21, "id.length > 32")]
    [InlineData("""[{"traceId":"1","id":"2","annotations":{}}]""", "[0].annotations", 39, "a list expected, found an object")]
    [InlineData("""[{"traceId":"1","id":"2","annotations":[{"value":"x"}]}]""", "[0].annotations[0]", 40, "an annotation needs a timestamp and a value")]
    [InlineData("""[{"traceId":"1","id":"2","annotations":[{"timestamp":"x"}]}]""", "[0].annotations[0].timestamp", 53, "an integer expected, found x")]
    [InlineData("""[{"traceId":"1","id":"2","annotations":[{"endpoint":{"port":65536}}]}]""", "[0].annotations[0].endpoint.port", 60, "invalid port 65536")]
    [InlineData("""[{"traceId":"1","id":"2","binaryAnnotations":[{"value":"x"}]}]""", "[0].binaryAnnotations[0]", 46, "a binary annotation needs a key")]
    [InlineData("""[{"traceId":"1","id":"2","binaryAnnotations":[{"key":"k"},{"key":{}}]}]""", "[0].binaryAnnotations[1].key", 65, "a text expected, found an object")]
    [InlineData("""[{"traceId":"1","id":"2","debug":1}]""", "[0].debug", 33, "true or false expected, found a number")]
    [InlineData("[] []", "", 3, "'[' is invalid after a single JSON value. Expected end of data.")]
    public void What_is_wrong_is_said_with_path_offset_and_reason(string body, string path, long offset, string reason)
    {
        var e = Refuse(body);
        Assert.Equal(("Zipkin JSON v1", path, offset, reason), (e.Format, e.Path, e.Offset, e.Reason));
        Assert.Equal(
            $"Malformed reading List<Span> from json: Malformed Zipkin JSON v1: {(path.Length == 0 ? "" : path + " ")}at byte {offset}: {reason}",
            ZipkinErrors.ResponseText(e));
    }

    [Fact]
    public void Invalid_UTF8_is_refused()
    {
        var body = Encoding.Latin1.GetBytes("[{\"traceId\":\"1\",\"id\":\"2\",\"binaryAnnotations\":[{\"key\":\"k\",\"value\":\"\u00ff\"}]}]");
        var e = Assert.Throws<MalformedSpansException>(() => ZipkinCorpus.DecodeV1(body));
        Assert.Equal(("[0].binaryAnnotations[0].value", "the text is not valid UTF-8"), (e.Path, e.Reason));
    }

    [Theory]
    [InlineData("""[{"traceId":"1","id":"1"},{"traceId":"1","id":"2"},{"traceId":"1","id":"3"}]""", "[2]", 51)]
    [InlineData("""
        [{"traceId":"1","id":"1"},{"traceId":"1","id":"2","annotations":[{"timestamp":1,"value":"x","endpoint":{"serviceName":"a"}},{"timestamp":1,"value":"x","endpoint":{"serviceName":"b"}}]}]
        """, "[1]", 26)]
    public void More_spans_than_the_limit_are_refused_also_where_one_becomes_many(string body, string path, long offset)
    {
        var e = Refuse(body, new DecodeLimits { MaxSpans = 2 });
        Assert.Equal((path, offset, "more than 2 spans in one request; send them in several"), (e.Path, e.Offset, e.Reason));
    }

    private static Span[] Decode(string body) => ZipkinCorpus.DecodeV1(Encoding.UTF8.GetBytes(body));

    private static MalformedSpansException Refuse(string body, DecodeLimits? limits = null) =>
        Assert.Throws<MalformedSpansException>(() => ZipkinCorpus.DecodeV1(Encoding.UTF8.GetBytes(body), limits));
}
