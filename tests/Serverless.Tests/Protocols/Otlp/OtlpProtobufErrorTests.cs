using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;
using static Serverless.Tests.Protocols.Otlp.OtlpMessages;

namespace Serverless.Tests.Protocols.Otlp;

public sealed class OtlpProtobufErrorTests
{
    private readonly SpanBatch _batch = new();
    private readonly OtlpProtobufDecoder _decoder = new();

    [Fact]
    public void Nice_error_on_truncation() => Refused(
        Full()[..100],
        "Malformed OTLP protobuf: resourceSpans[0] at byte 1: length 648, but only 97 bytes are left");

    [Fact]
    public void Nice_error_on_a_length_over_the_rest_deep_inside() => Refused(
        Request(Span(), Span().Message(9, KeyValue("a", Int(1))).Message(9, new ProtoMessage().Text(1, "k").Tag(2, 2).Base128(5000))).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0].scopeSpans[0].spans[1].attributes[1].value at byte 121: " +
        "length 5000, but only 0 bytes are left");

    [Fact]
    public void Nice_error_on_a_huge_length() => Refused(
        new ProtoMessage().Tag(1, 2).Base128(ulong.MaxValue).Raw(1, 2, 3).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0] at byte 1: length 18446744073709551615, but only 3 bytes are left");

    [Fact]
    public void Nice_error_on_a_wrong_wire_type() => Refused(
        Request(new ProtoMessage().Varint(1, 5)).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0].scopeSpans[0].spans[0].traceId at byte 6: " +
        "wire type 0 (varint), 2 (length-delimited) expected");

    [Fact]
    public void Nice_error_on_a_wrong_wire_type_of_a_number() => Refused(
        Request(new ProtoMessage().Varint(7, 5)).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano at byte 6: " +
        "wire type 0 (varint), 1 (64-bit) expected");

    [Fact]
    public void Nice_error_on_text_sent_as_a_body() => Refused(
        "{\"resourceSpans\":[]}"u8.ToArray(),
        "Malformed OTLP protobuf: at byte 2: length 114, but only 17 bytes are left");

    [Fact]
    public void Nice_error_on_a_truncated_number() => Refused(
        Request(new ProtoMessage().Tag(7, 1).Raw(1, 2, 3)).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano at byte 7: " +
        "8 bytes expected, but only 3 are left");

    [Fact]
    public void Nice_error_on_a_truncated_varint() => Refused(
        Request(new ProtoMessage().Tag(6, 0).Raw(0x80)).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0].scopeSpans[0].spans[0].kind at byte 7: truncated varint");

    [Fact]
    public void Nice_error_on_an_endless_varint() => Refused(
        Request(new ProtoMessage().Tag(6, 0).Raw(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1)).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0].scopeSpans[0].spans[0].kind at byte 7: varint of more than 10 bytes");

    [Fact]
    public void Nice_error_on_field_number_0() => Refused(
        Request(new ProtoMessage().Raw(0x02, 0)).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0].scopeSpans[0].spans[0] at byte 6: field number 0");

    [Fact]
    public void Nice_error_on_a_field_number_over_the_highest() => Refused(
        Request(new ProtoMessage().Base128(1UL << 35)).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0].scopeSpans[0].spans[0] at byte 6: field number 4294967296, which is over 536870911");

    [Fact]
    public void Nice_error_on_invalid_utf8() => Refused(
        Request(Span().Bytes(5, 0x61, 0x62, 0xC3, 0x28)).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0].scopeSpans[0].spans[0].name at byte 59: invalid UTF-8");

    [Fact]
    public void Nice_error_on_invalid_utf8_in_a_list() => Refused(
        Request(new ProtoMessage().Message(9, KeyValue("k", Array(Int(1), new ProtoMessage().Bytes(1, 0xFF))))).ToArray(),
        "Malformed OTLP protobuf: resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.arrayValue.values[1].stringValue " +
        "at byte 23: invalid UTF-8");

    [Fact]
    public void Nice_error_on_a_group_that_does_not_end() => Refused(
        new ProtoMessage().Tag(5, 3).Varint(1, 1).ToArray(),
        "Malformed OTLP protobuf: at byte 0: group 5 does not end");

    [Fact]
    public void Nice_error_on_a_group_that_ends_as_another() => Refused(
        new ProtoMessage().Tag(5, 3).Tag(6, 4).ToArray(),
        "Malformed OTLP protobuf: at byte 1: end of group 6 inside group 5");

    [Fact]
    public void Nice_error_on_a_wire_type_that_does_not_exist() => Refused(
        new ProtoMessage().Tag(5, 7).ToArray(),
        "Malformed OTLP protobuf: at byte 0: wire type 7, which does not exist");

    [Fact]
    public void Lists_nested_too_deep_are_refused()
    {
        var value = Int(1);
        for (var i = 0; i < 40; i++)
            value = Array(value);
        var e = Assert.Throws<MalformedSpansException>(() => Decode(Request(Span().Message(9, KeyValue("k", value))).ToArray()));
        Assert.Equal("nested more than 64 messages deep", e.Reason);
        Assert.StartsWith("resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.arrayValue.values[0].arrayValue", e.Path);
    }

    [Fact]
    public void Groups_nested_too_deep_are_refused()
    {
        var e = Assert.Throws<MalformedSpansException>(() => Decode([.. Enumerable.Repeat((byte)0x2B, 1_000_000)]));
        Assert.Equal("Malformed OTLP protobuf: at byte 64: nested more than 64 messages deep", e.Message);
    }

    [Fact]
    public void More_spans_than_the_limit_are_refused()
    {
        var e = Assert.Throws<MalformedSpansException>(
            () => Decode(Request(Span(), Span(), Span()).ToArray(), new DecodeLimits { MaxSpans = 2 }));
        Assert.Equal("resourceSpans[0].scopeSpans[0].spans[2]", e.Path);
        Assert.Equal("more than 2 spans; send fewer in a request", e.Reason);
    }

    [Theory]
    [InlineData("01020304", SpanIdHex, "", "spans[1].traceId at byte 59: 4 bytes; an id of 16 bytes expected")]
    [InlineData("", SpanIdHex, "", "spans[1].traceId at byte 57: missing or all zero; an id of 16 bytes that is not zero expected")]
    [InlineData("00000000000000000000000000000000", SpanIdHex, "", "spans[1].traceId at byte 57: missing or all zero; an id of 16 bytes that is not zero expected")]
    [InlineData(TraceIdHex, "01", "", "spans[1].spanId at byte 77: 1 bytes; an id of 8 bytes expected")]
    [InlineData(TraceIdHex, "0000000000000000", "", "spans[1].spanId at byte 57: missing or all zero; an id of 8 bytes that is not zero expected")]
    [InlineData(TraceIdHex, SpanIdHex, "010203", "spans[1].parentSpanId at byte 87: 3 bytes; an id of 8 bytes expected")]
    public void A_span_with_an_invalid_id_is_left_out_and_the_others_kept(string traceId, string spanId, string parentId, string reason)
    {
        var bad = new ProtoMessage().Hex(1, traceId).Hex(2, spanId).Hex(4, parentId).Text(5, "bad");
        var result = Decode(Request(Span(), bad, Span(), bad).ToArray());
        Assert.Equal(new DecodeResult(2, 2, 0, "resourceSpans[0].scopeSpans[0]." + reason), result);
        Assert.Equal(2, _batch.SpanCount);
        Assert.DoesNotContain("bad", BatchText.Of(_batch));
    }

    [Fact]
    public void A_link_without_ids_is_kept_and_one_with_a_wrong_id_makes_the_span_invalid()
    {
        var result = Decode(Request(
            Span().Message(13, new ProtoMessage().Text(3, "x=1")),
            Span().Message(13, new ProtoMessage()).Message(13, new ProtoMessage().Hex(2, "0102"))).ToArray());
        Assert.Equal((1, 1), (result.Accepted, result.Rejected));
        Assert.Equal(
            "resourceSpans[0].scopeSpans[0].spans[1].links[1].spanId at byte 117: 2 bytes; an id of 8 bytes expected", result.RejectedReason);
        Assert.Contains(" link 0000000000000000 0000000000000000 state='x=1'", BatchText.Of(_batch));
    }

    [Fact]
    public void What_is_over_a_count_is_left_out_counted_and_marked()
    {
        var limits = new DecodeLimits { MaxAttributes = 1, MaxEvents = 1, MaxLinks = 1 };
        var item = KeyValue("a", Int(1));
        var more = new ProtoMessage().Message(3, item).Message(3, item);
        var span = Span().Message(9, item).Message(9, item).Message(9, item).Varint(10, uint.MaxValue - 1)
            .Message(11, more).Message(11, more).Varint(12, 10)
            .Message(13, new ProtoMessage()).Message(13, new ProtoMessage());
        Assert.Equal(new DecodeResult(2, 0, 1, null), Decode(Request(span, Span()).ToArray(), limits));
        Assert.Equal(SpanMarks.Truncated | SpanMarks.CutAttributes | SpanMarks.CutEvents | SpanMarks.CutLinks, _batch.Span(0).Marks);
        Assert.Equal(SpanMarks.None, _batch.Span(1).Marks);
        Assert.Contains(
            $" attributes a:Int64=1 dropped={uint.MaxValue}\n event 0 '' a:Int64=1 dropped=1\n events=1 dropped=11\n", BatchText.Of(_batch));
        Assert.Contains(" links=1 dropped=1\n", BatchText.Of(_batch));
    }

    [Fact]
    public void What_is_too_long_is_cut_at_a_character_or_left_empty_and_marked()
    {
        var limits = new DecodeLimits { MaxNameBytes = 4, MaxValueBytes = 5 };
        var span = Span()
            .Message(9, KeyValue("abcäe", String("1234üx")))
            .Message(9, KeyValue("b", Bytes(1, 2, 3, 4, 5, 6)))
            .Message(9, KeyValue("l", Array(Int(1), String("123456"), Int(2))))
            .Message(9, KeyValue("m", Map(("k", Array(Int(1), Int(2), Int(3), Int(4))))))
            .Message(9, KeyValue("n", Array(Int(1))));
        Assert.Equal(new DecodeResult(1, 0, 1, null), Decode(Request(span).ToArray(), limits));
        Assert.Equal("abc:String=1234 b:Empty= l:Empty= m:Empty= n:Array=[1]", BatchText.AttributesOfFirst(_batch));
    }

    [Fact]
    public void A_resource_that_is_cut_marks_all_its_spans()
    {
        var limits = new DecodeLimits { MaxValueBytes = 5 };
        var spans = new ProtoMessage().Message(2, Span()).Message(2, Span());
        var body = new ProtoMessage()
            .Message(1, new ProtoMessage().Message(2, spans).Message(1, new ProtoMessage().Message(1, KeyValue("service.name", String("toolong")))))
            .Message(1, new ProtoMessage().Message(2, new ProtoMessage().Message(2, Span())));
        Assert.Equal(new DecodeResult(3, 0, 2, null), Decode(body.ToArray(), limits));
        Assert.Contains(" resource 'toolo' service.name:String=toolo ", BatchText.Of(_batch));
        Assert.Equal(SpanMarks.None, _batch.Span(2).Marks);
    }

    private void Refused(byte[] body, string message) =>
        Assert.Equal(message, Assert.Throws<MalformedSpansException>(() => Decode(body)).Message);

    private DecodeResult Decode(byte[] body, DecodeLimits? limits = null)
    {
        _batch.Reset(SpanProtocol.Otlp);
        return _decoder.Decode(body, _batch, limits ?? DecodeLimits.Default);
    }
}
