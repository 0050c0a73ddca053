using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;
using static Serverless.Tests.Protocols.Otlp.OtlpMessages;

namespace Serverless.Tests.Protocols.Otlp;

public sealed class OtlpJsonDecoderTests
{
    private const string Ids = $"\"traceId\":\"{TraceIdHex}\",\"spanId\":\"{SpanIdHex}\"";

    private readonly SpanBatch _batch = new();
    private readonly OtlpJsonDecoder _decoder = new();

    [Fact]
    public void The_same_request_in_json_gives_the_same_batch()
    {
        Assert.Equal(new DecodeResult(2, 0, 0, null), Decode(FullJson()));
        Assert.Equal(OtlpProtobufDecoderTests.FullText, BatchText.Of(_batch));
    }

    [Fact]
    public void Names_may_be_those_of_the_proto_files()
    {
        var json = Encoding.UTF8.GetString(FullJson());
        foreach (var name in (string[])["resourceSpans", "scopeSpans", "schemaUrl", "traceId", "spanId", "traceState", "parentSpanId",
            "startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "droppedAttributesCount", "droppedEventsCount", "droppedLinksCount",
            "stringValue", "intValue", "boolValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"])
        {
            var snake = string.Concat(name.Select(c => char.IsUpper(c) ? "_" + char.ToLowerInvariant(c) : c.ToString()));
            json = json.Replace($"\"{name}\"", $"\"{snake}\"", StringComparison.Ordinal);
        }

        Decode(Encoding.UTF8.GetBytes(json));
        Assert.Equal(OtlpProtobufDecoderTests.FullText, BatchText.Of(_batch));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData(" { } ")]
    [InlineData("""{"resourceSpans":null}""")]
    [InlineData("""{"resourceSpans":[null,{"resource":null,"scopeSpans":[null,{"spans":[null],"scope":null}]}]}""")]
    [InlineData("""{"unknown":[{"a":[1,2,{}]}],"resourceSpans":[]}""")]
    public void Requests_without_spans_are_fine(string json) => Assert.Equal(new DecodeResult(0, 0, 0, null), Decode(json));

    [Theory]
    [InlineData("SPAN_KIND_CONSUMER", SpanKind.Consumer)]
    [InlineData("3", SpanKind.Client)]
    [InlineData("SPAN_KIND_OTHER", SpanKind.Unspecified)]
    [InlineData("99", SpanKind.Unspecified)]
    public void Kinds_may_be_names_or_numbers_in_strings(string kind, SpanKind expected)
    {
        DecodeSpan($"\"kind\":\"{kind}\"");
        Assert.Equal(expected, _batch.Span(0).Kind);
    }

    [Theory]
    [InlineData("12", 12L)]
    [InlineData("\"-12\"", -12L)]
    [InlineData("1.2e1", 12L)]
    [InlineData("12.0", 12L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Integers_may_be_numbers_or_strings(string number, long expected)
    {
        DecodeSpan("\"attributes\":[{\"key\":\"k\",\"value\":{\"intValue\":" + number + "}}]");
        Assert.Equal("k:Int64=" + expected, BatchText.AttributesOfFirst(_batch));
    }

    [Theory]
    [InlineData("\"Infinity\"", "Infinity")]
    [InlineData("\"1.5\"", "1.5")]
    [InlineData("-2", "-2")]
    [InlineData("1e-3", "0.001")]
    public void Doubles_may_be_numbers_or_strings(string number, string expected)
    {
        DecodeSpan("\"attributes\":[{\"key\":\"k\",\"value\":{\"doubleValue\":" + number + "}}]");
        Assert.Equal("k:Double=" + expected, BatchText.AttributesOfFirst(_batch));
    }

    [Theory]
    [InlineData("+/+/", "FBFFBF")]
    [InlineData("-_-_", "FBFFBF")]
    [InlineData("+\\/+\\/", "FBFFBF")]
    [InlineData("AQ==", "01")]
    [InlineData("AQ", "01")]
    [InlineData("", "")]
    public void Bytes_are_base64_of_either_kind(string base64, string hex)
    {
        DecodeSpan("\"attributes\":[{\"key\":\"k\",\"value\":{\"bytesValue\":\"" + base64 + "\"}}]");
        Assert.Equal("k:Bytes=" + hex, BatchText.AttributesOfFirst(_batch));
    }

    [Theory]
    [InlineData("""a\"\\\/\b\f\n\r\tz""", "a\"\\/\b\f\n\r\tz")]
    [InlineData("""\u0041\u00e9\u20ac\ud83d\ude00""", "Aé€😀")]
    [InlineData("""x\ud83dy""", "x\uFFFDy")]
    [InlineData("""\ude00\ud83d""", "\uFFFD\uFFFD")]
    [InlineData("""\ud83d\ud83d\ude00""", "\uFFFD😀")]
    public void Escapes_are_resolved_and_half_characters_replaced(string escaped, string expected)
    {
        DecodeSpan($"\"na\\u006de\":\"{escaped}\"");
        Assert.Equal(expected, Encoding.UTF8.GetString(_batch.Text(_batch.Span(0).Name)));
    }

    [Fact]
    public void Unknown_fields_and_nulls_are_ignored()
    {
        DecodeSpan("""
            "x":{"y":[1,{"z":null}]},"name":null,"attributes":[null,{"key":"k","value":null},{"key":"l","value":{"other":1,"intValue":null}},
            {"key":"m","value":{"arrayValue":{"values":[null,{"intValue":1}],"q":[]}}}],"events":[null],"links":[null]
            """);
        Assert.Equal("k:Empty= l:Empty= m:Array=[null,1]", BatchText.AttributesOfFirst(_batch));
    }

    [Fact]
    public void Decoding_allocates_nothing_once_it_is_warm()
    {
        var body = FullJson();
        for (var i = 0; i < 50; i++)
            Decode(body);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Decode(body);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("", "at byte 0: the body is empty, a JSON object expected")]
    [InlineData("[]", "at byte 0: an array, an object expected")]
    [InlineData("{} x", "at byte 3: 'x' is invalid after a single JSON value. Expected end of data")]
    [InlineData("""{"resourceSpans":{}}""", "resourceSpans at byte 17: an object, an array expected")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{},{"name":5}]}]}]}""",
        "resourceSpans[0].scopeSpans[0].spans[1].name at byte 54: the number 5, a string expected")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":-1}]}]}]}""",
        "resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano at byte 64: the number -1, an unsigned integer of 64 bits expected")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"1x"}]}]}]}""",
        "resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano at byte 64: the string \"1x\", an unsigned integer of 64 bits expected")]
    [InlineData("""{"resourceSpans":[{"resource":{"attributes":[{"value":{"boolValue":"true"}}]}}]}""",
        "resourceSpans[0].resource.attributes[0].value.boolValue at byte 67: the string \"true\", true or false expected")]
    [InlineData("""{"resourceSpans":[{"resource":{"attributes":[{"value":{"bytesValue":"*"}}]}}]}""",
        "resourceSpans[0].resource.attributes[0].value.bytesValue at byte 68: the string \"*\", bytes in base64 expected")]
    [InlineData("""{"resourceSpans":[{"resource":{"droppedAttributesCount":4294967296}}]}""",
        "resourceSpans[0].resource.droppedAttributesCount at byte 56: the number 4294967296, an unsigned integer of 32 bits expected")]
    [InlineData("""{"resourceSpans":[{"resource":{"attributes":[{"value":{"doubleValue":1e999}}]}}]}""",
        "resourceSpans[0].resource.attributes[0].value.doubleValue at byte 69: the number 1e999, " +
        "a number of 64 bits, or \"NaN\", \"Infinity\" or \"-Infinity\" expected")]
    [InlineData("{\n\"resourceSpans\":[\n{\"resource\":nulx}]}",
        "resourceSpans[0].resource at byte 35: 'nulx}]}' is an invalid JSON literal. Expected the literal 'null'")]
    [InlineData("{\"resourceSpans\":[{\"a\":\"b\tc\"}]}",
        "resourceSpans[0].a at byte 25: '0x09' is invalid within a JSON string. The string should be correctly escaped")]
    public void Nice_errors(string json, string message) =>
        Assert.Equal("Malformed OTLP JSON: " + message, Assert.Throws<MalformedSpansException>(() => Decode(json)).Message);

    [Fact]
    public void Nice_error_on_invalid_utf8()
    {
        var body = Encoding.Latin1.GetBytes("""{"resourceSpans":[{"schemaUrl":"abüc"}]}""");
        Assert.Equal(
            "Malformed OTLP JSON: resourceSpans[0].schemaUrl at byte 34: invalid UTF-8",
            Assert.Throws<MalformedSpansException>(() => Decode(body)).Message);
    }

    [Fact]
    public void Values_nested_too_deep_are_refused()
    {
        var value = "{}";
        for (var i = 0; i < 40; i++)
            value = "{\"arrayValue\":{\"values\":[" + value + "]}}";
        var e = Assert.Throws<MalformedSpansException>(() => DecodeSpan("\"attributes\":[{\"value\":" + value + "}]"));
        Assert.Equal("nested more than 64 messages deep", e.Reason);
    }

    [Theory]
    [InlineData("\"traceId\":\"zz\"", "spans[0].traceId at byte 127: \"zz\"; an id of 32 hex digits expected")]
    [InlineData("\"traceId\":\"\"", "spans[0].traceId at byte 43: missing or all zero; an id of 16 bytes that is not zero expected")]
    [InlineData("\"span_id\":\"0000000000000000\"", "spans[0].spanId at byte 43: missing or all zero; an id of 8 bytes that is not zero expected")]
    [InlineData("\"parentSpanId\":\"0x12\"", "spans[0].parentSpanId at byte 132: \"0x12\"; an id of 16 hex digits expected")]
    [InlineData("\"links\":[{},{\"spanId\":\"1\"}]", "spans[0].links[1].spanId at byte 139: \"1\"; an id of 16 hex digits expected")]
    public void A_span_with_an_invalid_id_is_left_out_and_the_others_kept(string fields, string reason)
    {
        var result = DecodeSpan(fields + "},{" + Ids);
        Assert.Equal(new DecodeResult(1, 1, 0, "resourceSpans[0].scopeSpans[0]." + reason), result);
    }

    [Fact]
    public void What_is_over_a_limit_is_cut_counted_and_marked()
    {
        var limits = new DecodeLimits { MaxAttributes = 2, MaxEvents = 1, MaxLinks = 1, MaxNameBytes = 4, MaxValueBytes = 5 };
        var result = DecodeSpan(
            """
            "name":"abc\u00fcd","attributes":[{"key":"k","value":{"stringValue":"1234567"}},
            {"key":"l","value":{"arrayValue":{"values":[{"stringValue":"123456"}]}}},{"key":"m"}],
            "events":[{},{}],"links":[{},{}]
            """,
            limits);
        Assert.Equal(new DecodeResult(1, 0, 1, null), result);
        Assert.Equal("k:String=12345 l:Empty=", BatchText.AttributesOfFirst(_batch));
        var span = _batch.Span(0);
        Assert.Equal((1U, 1U, 1U, SpanMarks.Truncated), (
            span.DroppedAttributes, span.DroppedEvents, span.DroppedLinks, span.Marks & SpanMarks.Truncated));
        Assert.Equal("abc", Encoding.UTF8.GetString(_batch.Text(span.Name)));
    }

    private DecodeResult DecodeSpan(string fields, DecodeLimits? limits = null) =>
        Decode(Encoding.UTF8.GetBytes($"{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{{{Ids},{fields}}}]}}]}}]}}"), limits);

    private DecodeResult Decode(string json) => Decode(Encoding.UTF8.GetBytes(json));

    private DecodeResult Decode(byte[] body, DecodeLimits? limits = null)
    {
        _batch.Reset(SpanProtocol.Otlp);
        return _decoder.Decode(body, _batch, limits ?? DecodeLimits.Default);
    }
}
