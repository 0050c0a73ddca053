using System.Text;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Tests.Protocols.Zipkin;

public sealed class ZipkinThriftDecoderTests
{
    [Fact]
    public void A_body_without_spans_is_fine()
    {
        Assert.Empty(ZipkinCorpus.DecodeThrift([]));
        Assert.Empty(ZipkinCorpus.DecodeThrift("[]"u8));
        Assert.Empty(ZipkinCorpus.DecodeThrift(List().ToArray()));
    }

    [Fact]
    public void Ids_are_unsigned_and_the_high_half_comes_apart()
    {
        var span = Decode(new ThriftBytes().I64(12, -1).I64(1, -2).I64(4, long.MinValue).I64(5, -3))[0];
        Assert.Equal(new TraceId(ulong.MaxValue, ulong.MaxValue - 1), span.TraceId);
        Assert.Equal("8000000000000000", span.Id.ToString());
        Assert.Equal("fffffffffffffffd", span.ParentId.ToString());
    }

    [Fact]
    public void A_list_that_is_announced_as_one_of_strings_is_read() =>
        Assert.Single(ZipkinCorpus.DecodeThrift(new ThriftBytes().List(ThriftBytes.StringType, Span().Stop()).ToArray()));

    [Theory]
    [InlineData(0, "01", "True=true")]
    [InlineData(0, "00", "False=false")]
    [InlineData(1, "00ff", "Bytes=AP8=")]
    [InlineData(2, "fffe", "Int64=-2")]
    [InlineData(3, "fffffffe", "Int64=-2")]
    [InlineData(4, "8000000000000000", "Int64=-9223372036854775808")]
    [InlineData(5, "3fe0000000000000", "Double=0.5")]
    [InlineData(5, "7ff8000000000000", "Double=NaN")]
    [InlineData(6, "61", null)]
    [InlineData(7, "61", "Bytes=YQ==")]
    [InlineData(-1, "61", "Bytes=YQ==")]
    [InlineData(0, "0000", "Bytes=AAA=")]
    [InlineData(2, "61", "Bytes=YQ==")]
    [InlineData(4, "", "Bytes=")]
    public void Values_of_every_type_are_kept(int type, string hex, string? expected) => Assert.Equal(
        expected is null ? "{k=a}" : $"{{k:{expected}}}",
        ZipkinSpanText.Of(Decode(Binary(new ThriftBytes().Text(1, "k").Bytes(2, Convert.FromHexString(hex)).I32(3, type)))[0]));

    [Fact]
    public void A_value_without_a_type_is_bytes_and_none_is_none()
    {
        Assert.Equal("{k:Bytes=YQ==}", ZipkinSpanText.Of(Decode(Binary(new ThriftBytes().Text(1, "k").Text(2, "a")))[0]));
        Assert.Equal("{k:Empty=}", ZipkinSpanText.Of(Decode(Binary(new ThriftBytes().Text(1, "k").I32(3, 6)))[0]));
        Assert.Equal("", ZipkinSpanText.Of(Decode(Binary(new ThriftBytes().I32(3, 6)))[0]));
    }

    [Fact]
    public void Endpoints_have_unsigned_ports_and_addresses_of_both_kinds()
    {
        var endpoint = new ThriftBytes().I32(1, 0).I16(2, -1).Text(3, "Svc").Bytes(4, Convert.FromHexString("20010db8000000000000000000000001")).Stop();
        Assert.Equal("svc/2001:db8::1:65535 [1:x]", ZipkinSpanText.Of(Decode(Annotation(endpoint))[0]));
        endpoint = new ThriftBytes().Bytes(4, Convert.FromHexString("00000000000000000000ffff0a000001")).Stop();
        Assert.Equal("10.0.0.1 [1:x]", ZipkinSpanText.Of(Decode(Annotation(endpoint))[0]));
        endpoint = new ThriftBytes().I32(1, unchecked((int)0xC0A80001)).Bytes(4, 1, 2, 3).Stop();
        Assert.Equal("192.168.0.1 [1:x]", ZipkinSpanText.Of(Decode(Annotation(endpoint))[0]));
    }

    [Fact]
    public void Annotations_are_kept_without_time_or_value_but_not_without_both()
    {
        var list = new ThriftBytes().List(
            ThriftBytes.Struct, new ThriftBytes().Text(2, "x").Stop(), new ThriftBytes().I64(1, 7).Stop(), new ThriftBytes().Stop());
        Assert.Equal("[0:x 7:]", ZipkinSpanText.Of(Decode(Span().Field(ThriftBytes.ListType, 6).Raw(list.ToArray()))[0]));
    }

    [Fact]
    public void Unknown_fields_and_those_of_another_type_are_passed_over()
    {
        var span = Span().Text(3, "N").Text(99, "x").I32(10, 5).Text(9, "y").Field(ThriftBytes.Struct, 7).Raw(new ThriftBytes().I16(1, 1).Stop().ToArray())
            .Field(ThriftBytes.MapType, 13).Raw(ThriftBytes.StringType, ThriftBytes.I32Type).Int(1).Int(1).Raw((byte)'k').Int(1)
            .Field(ThriftBytes.ListType, 14).List(ThriftBytes.BoolType, new ThriftBytes().Raw((byte)1));
        var read = Assert.Single(Decode(span));
        Assert.Equal(("n", ""), (read.Name, ZipkinSpanText.Of(read)));
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("\u0001\u0002\u0003")]
    [InlineData("{\"traceId\":\"1\"}")]
    public void What_is_no_list_in_any_format_is_told_so_in_Zipkins_words(string body) =>
        Assert.Equal("Expected a THRIFT encoded list\n", ZipkinErrors.ResponseText(Refuse(Encoding.UTF8.GetBytes(body))));

    [Fact]
    public void JSON_is_told_its_content_type() => Assert.StartsWith(
        "Malformed reading List<Span> from TBinary: Malformed Zipkin thrift: at byte 0: JSON instead of thrift; send it with Content-Type: application/json",
        ZipkinErrors.ResponseText(Refuse("[{\"traceId\":\"1\",\"id\":\"2\"}]"u8.ToArray())), StringComparison.Ordinal);

    [Fact]
    public void What_is_wrong_is_said_with_path_offset_and_reason()
    {
        AssertRefused(new ThriftBytes().I64(4, 2), "[1]", 28, "the span has no traceId");
        AssertRefused(new ThriftBytes().I64(1, 2), "[1]", 28, "the span has no id");
        AssertRefused(new ThriftBytes().I64(1, 0).I64(4, 0), "[1]", 28, "the span has no traceId and id");
        AssertRefused(Span().Bytes(3, 0x61, 0xFF), "[1].name", 58, "invalid UTF-8");
        AssertRefused(Span().Field(ThriftBytes.StringType, 3).Int(int.MaxValue), "[1].name", 53, "length 2147483647, but only 1 bytes are left");
        AssertRefused(Span().Field(ThriftBytes.StringType, 3).Int(-1), "[1].name", 53, "length -1, but only 1 bytes are left");
        AssertRefused(Span().Field(ThriftBytes.ListType, 6).Raw(12).Int(int.MaxValue), "[1].annotations", 53, "2147483647 items, but only 1 bytes are left");
        AssertRefused(Span().Field(ThriftBytes.ListType, 6).Raw(12).Int(-5), "[1].annotations", 53, "a count of -5");
        AssertRefused(Span().Field(ThriftBytes.ListType, 6).Raw(3).Int(1).Raw(0), "[1].annotations", 53, "a list of byte, a list of struct expected");
        AssertRefused(Binary(new ThriftBytes().Text(1, "k").Bytes(2, 0xFF).I32(3, 6)), "[1].binary_annotations[0].value", 66, "invalid UTF-8");
        AssertRefused(Span().Field(77, 6), "[1].annotations", 50, "type 77, which does not exist");
    }

    [Fact]
    public void Anything_after_the_list_is_refused()
    {
        var e = Refuse(List(Span()).Raw(0, 0).ToArray());
        Assert.Equal((28L, "2 bytes after the list"), (e.Offset, e.Reason));
    }

    [Fact]
    public void Huge_counts_are_refused_without_memory()
    {
        var body = new ThriftBytes().Raw(12).Int(int.MaxValue).Raw(new byte[100]).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("2147483647 items, but only 100 bytes are left", Refuse(body).Reason);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Unknown_structs_nested_without_end_are_refused()
    {
        var deep = Span();
        for (var i = 0; i < 100_000; i++)
            deep.Field(ThriftBytes.Struct, 99);
        Assert.Equal("nested more than 64 levels deep", Refuse(List(deep).ToArray()).Reason);
    }

    [Fact]
    public void More_spans_than_the_limit_are_refused()
    {
        var e = Refuse(List(Span(), Span(), Span()).ToArray(), new DecodeLimits { MaxSpans = 2 });
        Assert.Equal(("[2]", 51L, "more than 2 spans in one request; send them in several"), (e.Path, e.Offset, e.Reason));
    }

    [Fact]
    public void Bytes_over_the_limit_are_left_out_and_marked()
    {
        var span = ZipkinCorpus.DecodeThrift(
            List(Binary(new ThriftBytes().Text(1, "k").Bytes(2, new byte[9]).I32(3, 1))).ToArray(), new DecodeLimits { MaxValueBytes = 8 })[0];
        Assert.Equal("{k:Empty=} Truncated, CutValue", ZipkinSpanText.Of(span));
    }

    private static void AssertRefused(ThriftBytes span, string path, long offset, string reason)
    {
        var e = Refuse(List(Span(), span).ToArray());
        Assert.Equal(("Zipkin thrift", path, offset, reason), (e.Format, e.Path, e.Offset, e.Reason));
        Assert.Equal($"Malformed reading List<Span> from TBinary: Malformed Zipkin thrift: {path} at byte {offset}: {reason}", ZipkinErrors.ResponseText(e));
    }

    private static Span[] Decode(ThriftBytes span) => ZipkinCorpus.DecodeThrift(List(span).ToArray());

    private static MalformedSpansException Refuse(byte[] body, DecodeLimits? limits = null) =>
        Assert.Throws<MalformedSpansException>(() => ZipkinCorpus.DecodeThrift(body, limits));

    /// <summary>A span with the ids 1 and 2, without its end, which <see cref="List"/> adds: 23 bytes with it.</summary>
    private static ThriftBytes Span() => new ThriftBytes().I64(1, 1).I64(4, 2);

    private static ThriftBytes Binary(ThriftBytes annotation) =>
        Span().Field(ThriftBytes.ListType, 8).List(ThriftBytes.Struct, new ThriftBytes().Raw(annotation.ToArray()).Stop());

    private static ThriftBytes Annotation(ThriftBytes endpoint) => Span().Field(ThriftBytes.ListType, 6).List(
        ThriftBytes.Struct, new ThriftBytes().I64(1, 1).Text(2, "x").Field(ThriftBytes.Struct, 3).Raw(endpoint.ToArray()).Stop());

    private static ThriftBytes List(params ThriftBytes[] spans) =>
        new ThriftBytes().List(ThriftBytes.Struct, [.. spans.Select(span => new ThriftBytes().Raw(span.ToArray()).Stop())]);
}
