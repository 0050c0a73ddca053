using System.Text;
using Google.Protobuf;
using Serverless.Tests.Protocols.Otlp;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Tests.Protocols.Zipkin;

public sealed class ZipkinProtobufDecoderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    public void A_body_without_spans_is_fine(string body) => Assert.Empty(ZipkinCorpus.DecodeProto3(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("01", 0UL, 1UL)]
    [InlineData("463ac35c9f6413ad", 0UL, 0x463ac35c9f6413adUL)]
    [InlineData("0a463ac35c9f6413ad", 0xaUL, 0x463ac35c9f6413adUL)]
    [InlineData("0000000000000000463ac35c9f6413ad", 0UL, 0x463ac35c9f6413adUL)]
    [InlineData("10000000000000000000000000000000", 0x1000000000000000UL, 0UL)]
    public void Trace_ids_are_padded(string id, ulong high, ulong low) =>
        Assert.Equal(new TraceId(high, low), Decode(new ProtoMessage().Hex(1, id).Hex(3, "02"))[0].TraceId);

    [Theory]
    [InlineData(0, SpanKind.Unspecified)]
    [InlineData(1, SpanKind.Client)]
    [InlineData(2, SpanKind.Server)]
    [InlineData(3, SpanKind.Producer)]
    [InlineData(4, SpanKind.Consumer)]
    [InlineData(5, SpanKind.Unspecified)]
    public void Kinds_have_Zipkins_numbers(ulong number, SpanKind kind) => Assert.Equal(kind, Decode(Span().Varint(4, number))[0].Kind);

    [Theory]
    [InlineData("0000000000000000")]
    [InlineData("0000000000000002")]
    [InlineData("")]
    public void A_parent_that_is_zero_or_the_span_itself_is_none(string parent) =>
        Assert.True(Decode(Span().Hex(2, parent))[0].ParentId.IsZero);

    [Fact]
    public void A_client_span_is_never_shared()
    {
        Assert.False(Decode(Span().Varint(13, 1).Varint(4, 1))[0].IsShared);
        Assert.True(Decode(Span().Varint(13, 1).Varint(4, 2))[0].IsShared);
    }

    [Fact]
    public void Times_of_zero_are_none_and_those_too_far_off_are_cut_and_marked()
    {
        var none = Decode(Span().Fixed64(6, 0).Varint(7, 0))[0];
        Assert.False(none.HasStart || none.HasDuration);
        var far = Decode(Span().Fixed64(6, ulong.MaxValue).Varint(7, ulong.MaxValue))[0];
        Assert.Equal((18446744073709551000UL, 9223372036854775000L, SpanMarks.Truncated | SpanMarks.CutValue), (far.StartNs, far.DurationNs, far.Marks));
    }

    [Fact]
    public void Addresses_are_read_whichever_field_they_are_in()
    {
        var endpoint = new ProtoMessage().Text(1, "DB").Hex(3, "00000000000000000000ffff0a000001").Hex(2, "0102").Varint(4, 5432);
        Assert.Equal("-> db/10.0.0.1:5432", ZipkinSpanText.Of(Decode(Span().Message(9, endpoint))[0]));
        Assert.Equal("", ZipkinSpanText.Of(Decode(Span().Message(9, new ProtoMessage().Varint(4, ulong.MaxValue)))[0]));
    }

    [Fact]
    public void An_endpoint_in_two_pieces_is_one_as_protobuf_merges_messages() => Assert.Equal(
        "db/1.2.3.4:80",
        ZipkinSpanText.Of(Decode(Span().Message(8, new ProtoMessage().Text(1, "db")).Message(8, new ProtoMessage().Hex(2, "01020304").Varint(4, 80)))[0]));

    [Fact]
    public void The_last_of_equal_tags_wins_and_empty_entries_are_none()
    {
        var span = Span().Message(11, Tag("a", "1")).Message(11, Tag("b", "2")).Message(11, Tag("a", "3")).Message(11, new ProtoMessage())
            .Message(11, new ProtoMessage().Text(1, "error")).Message(10, new ProtoMessage());
        Assert.Equal("{a=3 b=2 error=} Error", ZipkinSpanText.Of(Decode(span)[0]));
    }

    [Fact]
    public void An_annotation_without_a_time_is_kept() =>
        Assert.Equal("[0:x 5:]", ZipkinSpanText.Of(Decode(Span().Message(10, new ProtoMessage().Text(2, "x")).Message(10, new ProtoMessage().Fixed64(1, 5)))[0]));

    [Fact]
    public void Unknown_fields_are_passed_over()
    {
        var body = List(Span().Varint(99, 7).Fixed32(98, 1).Fixed64(97, 1).Text(96, "x").Tag(95, 3).Varint(1, 2).Tag(95, 4).Text(5, "N")).Text(2, "more");
        Assert.Equal("n", Assert.Single(ZipkinCorpus.DecodeProto3(body.ToArray())).Name);
    }

    [Fact]
    public void What_is_over_a_limit_is_cut_counted_and_marked()
    {
        var limits = new DecodeLimits { MaxAttributes = 1, MaxEvents = 1, MaxNameBytes = 4, MaxValueBytes = 5 };
        var span = ZipkinCorpus.DecodeProto3(
            List(Span().Text(5, "abcdef").Message(11, Tag("long key", "ééé")).Message(11, Tag("b", "2"))
                .Message(10, Annotation(1, "a")).Message(10, Annotation(2, "b"))).ToArray(), limits)[0];
        Assert.Equal("[1:a] {long=éé} Truncated, CutAttributes, CutEvents, CutName, CutValue", ZipkinSpanText.Of(span));
        Assert.Equal(("abcd", 1u, 1u), (span.Name, span.DroppedAttributes, span.DroppedEvents));
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("\u0001\u0002\u0003")]
    [InlineData("\n\0")]
    [InlineData("{\"traceId\":\"1\"}")]
    public void What_is_no_list_in_any_format_is_told_so_in_Zipkins_words(string body) =>
        Assert.Equal("Expected a PROTO3 encoded list\n", ZipkinErrors.ResponseText(Refuse(Encoding.UTF8.GetBytes(body))));

    [Fact]
    public void JSON_is_told_its_content_type() => Assert.Equal(
        "Malformed reading List<Span> from proto3: Malformed Zipkin proto3: at byte 0: JSON instead of protobuf; send it with Content-Type: application/json",
        ZipkinErrors.ResponseText(Refuse("[{\"traceId\":\"1\",\"id\":\"2\"}]"u8.ToArray())));

    [Fact]
    public void What_is_wrong_is_said_with_path_offset_and_reason()
    {
        AssertRefused(new ProtoMessage().Hex(3, "02"), "spans[1]", 8, "the span has no traceId");
        AssertRefused(new ProtoMessage().Hex(1, "00").Hex(3, "02"), "spans[1]", 8, "the span has no traceId");
        AssertRefused(new ProtoMessage().Hex(1, "01"), "spans[1]", 8, "the span has no id");
        AssertRefused(new ProtoMessage().Text(5, "x"), "spans[1]", 8, "the span has no traceId and id");
        AssertRefused(Span().Hex(1, new string('1', 34)), "spans[1].traceId", 16, "17 bytes; an id of up to 16 bytes expected");
        AssertRefused(Span().Hex(2, new string('1', 18)), "spans[1].parentId", 16, "9 bytes; an id of up to 8 bytes expected");
        AssertRefused(Span().Message(8, new ProtoMessage().Varint(4, 65536)), "spans[1].localEndpoint.port", 18, "invalid port 65536");
        AssertRefused(Span().Fixed32(6, 1), "spans[1].timestamp", 16, "wire type 5 (32-bit), 1 (64-bit) expected");
        AssertRefused(Span().Bytes(5, 0x61, 0xFF), "spans[1].name", 19, "invalid UTF-8");
        AssertRefused(Span().Message(11, Tag("k", "v")).Message(11, new ProtoMessage().Bytes(2, 0xC3)), "spans[1].tags[1].value", 28, "invalid UTF-8");
        AssertRefused(Span().Message(10, new ProtoMessage().Bytes(2, 0xFF)), "spans[1].annotations[0].value", 20, "invalid UTF-8");
        AssertRefused(Span().Tag(5, 2).Base128(int.MaxValue), "spans[1].name", 17, "length 2147483647, but only 0 bytes are left");
    }

    [Fact]
    public void More_spans_than_the_limit_are_refused()
    {
        var e = Refuse(List(Span(), Span(), Span()).ToArray(), new DecodeLimits { MaxSpans = 2 });
        Assert.Equal(("spans[2]", 16L, "more than 2 spans in one request; send them in several"), (e.Path, e.Offset, e.Reason));
    }

    [Fact]
    public void Groups_nested_without_end_are_refused()
    {
        var deep = new ProtoMessage();
        for (var i = 0; i < 100_000; i++)
            deep.Tag(99, 3);
        Assert.Equal("nested more than 64 messages deep", Refuse(List(new ProtoMessage().Raw(deep.ToArray())).ToArray()).Reason);
    }

    [Fact]
    public void Googles_writer_and_the_decoder_agree_on_the_whole_range_of_numbers()
    {
        foreach (var value in (ulong[])[1, 127, 128, 16_383, 16_384, uint.MaxValue, 1UL << 35, 9_000_000_000_000])
        {
            var body = ZipkinFormats.Message(list => ZipkinFormats.WriteBytes(list, 1, ZipkinFormats.Message(span =>
            {
                ZipkinFormats.WriteBytes(span, 1, [1]);
                ZipkinFormats.WriteBytes(span, 3, [2]);
                ZipkinFormats.WriteFixed64(span, 6, value);
                ZipkinFormats.WriteVarint(span, 7, value);
                span.WriteTag(12, WireFormat.WireType.Varint);
                span.WriteBool(value % 2 == 0);
            })));
            var span = ZipkinCorpus.DecodeProto3(body)[0];
            Assert.Equal((value * 1000, (long)value * 1000, value % 2 == 0), (span.StartNs, span.DurationNs, span.IsDebug));
        }
    }

    private static void AssertRefused(ProtoMessage span, string path, long offset, string reason)
    {
        var e = Refuse(List(Span(), span).ToArray());
        Assert.Equal(("Zipkin proto3", path, offset, reason), (e.Format, e.Path, e.Offset, e.Reason));
        Assert.Equal($"Malformed reading List<Span> from proto3: Malformed Zipkin proto3: {path} at byte {offset}: {reason}", ZipkinErrors.ResponseText(e));
    }

    private static Span[] Decode(ProtoMessage span) => ZipkinCorpus.DecodeProto3(List(span).ToArray());

    private static MalformedSpansException Refuse(byte[] body, DecodeLimits? limits = null) =>
        Assert.Throws<MalformedSpansException>(() => ZipkinCorpus.DecodeProto3(body, limits));

    /// <summary>A span of 6 bytes with the ids 1 and 2; with its tag and length it takes 8.</summary>
    private static ProtoMessage Span() => new ProtoMessage().Hex(1, "01").Hex(3, "02");

    private static ProtoMessage Tag(string key, string value) => new ProtoMessage().Text(1, key).Text(2, value);

    private static ProtoMessage Annotation(ulong micros, string value) => new ProtoMessage().Fixed64(1, micros).Text(2, value);

    private static ProtoMessage List(params ProtoMessage[] spans)
    {
        var list = new ProtoMessage();
        foreach (var span in spans)
            list.Message(1, span);
        return list;
    }
}
