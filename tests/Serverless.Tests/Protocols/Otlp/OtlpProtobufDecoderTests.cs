using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;
using static Serverless.Tests.Protocols.Otlp.OtlpMessages;

namespace Serverless.Tests.Protocols.Otlp;

public sealed class OtlpProtobufDecoderTests
{
    internal const string FullText = """
        5b8efff798038103d269b633813fc60c eee19b7ec3c1b174 < 00f067aa0ba902b7 Server 'GET /ü' 1700000000000000001+499999 Error 'it failed' flags=301 state='a=1,b=2' None
         attributes text:String=héllo no:False= yes:True= int:Int64=-9223372036854775808 double:Double=0.1 nan:Double=NaN infinite:Double=-Infinity bytes:Bytes=00FFFE01 array:Array=["x",-1,1.5,true,[1],null] map:Map={"k":"v","m":{"n":7},"b":"AQI="} none:Empty= dropped=4
         event 1700000000000000100 'boom' exception.type:String=E dropped=5
         event 1700000000000000200 'later' dropped=0
         events=2 dropped=6
         link 0af7651916cd43dd8448eb211c80319c b7ad6b7169203331 state='c=3' l:Int64=1 dropped=7 flags=101
         links=1 dropped=8
         resource 'checkout' service.name:String=checkout host.cores:Int64=8 dropped=3 schema='https://schema/resource'
         scope 'io.lib' '1.2.3' s:True= dropped=1 schema='https://schema/span'
        d269b633813fc60c 0000000000000001 < 0000000000000000 Unspecified '' 5000+-1000 Unset '' flags=0 state='' None
         attributes dropped=0
         events=0 dropped=0
         links=0 dropped=0
         resource 'checkout' service.name:String=checkout host.cores:Int64=8 dropped=3 schema='https://schema/resource'

        """;

    private readonly SpanBatch _batch = new();
    private readonly OtlpProtobufDecoder _decoder = new();

    [Fact]
    public void Everything_that_a_request_can_say_is_in_the_batch()
    {
        Assert.Equal(new DecodeResult(2, 0, 0, null), Decode(Full()));
        Assert.Equal(FullText, BatchText.Of(_batch));
    }

    [Fact]
    public void A_decoder_can_be_used_again_after_a_malformed_body()
    {
        Assert.Throws<MalformedSpansException>(() => Decode(Full()[..^1]));
        Decode(Full());
        Assert.Equal(FullText, BatchText.Of(_batch));
    }

    [Fact]
    public void An_empty_body_is_an_empty_request() => Assert.Equal(new DecodeResult(0, 0, 0, null), Decode([]));

    [Fact]
    public void Resource_and_scope_may_come_after_the_spans_and_in_pieces()
    {
        var scopeSpans = new ProtoMessage().Message(2, Span())
            .Message(1, new ProtoMessage().Text(1, "lib")).Message(1, new ProtoMessage().Text(2, "2"));
        Decode(new ProtoMessage().Message(1, new ProtoMessage()
            .Message(2, scopeSpans)
            .Message(1, new ProtoMessage().Message(1, KeyValue("service.name", String("one"))).Varint(2, 9))
            .Message(1, new ProtoMessage().Message(1, KeyValue("k", Int(1))))).ToArray());
        Assert.Contains(" resource 'one' service.name:String=one k:Int64=1 dropped=9 schema=''\n", BatchText.Of(_batch));
        Assert.Contains(" scope 'lib' '2' dropped=0 schema=''\n", BatchText.Of(_batch));
    }

    [Fact]
    public void Spans_without_resource_and_scope_get_an_empty_resource_and_no_scope()
    {
        Decode(Request(Span()).ToArray());
        Assert.Contains(" resource '' dropped=0 schema=''\n", BatchText.Of(_batch));
        Assert.DoesNotContain("scope", BatchText.Of(_batch));
    }

    [Fact]
    public void The_last_occurrence_of_a_field_counts_and_messages_are_merged()
    {
        var span = Span().Text(5, "b").Message(15, new ProtoMessage().Text(2, "m").Varint(3, 1)).Message(15, new ProtoMessage().Varint(3, 2))
            .Message(9, new ProtoMessage().Message(2, String("old")).Text(1, "old").Text(1, "k").Message(2, Int(5)));
        Decode(Request(span).ToArray());
        Assert.Equal("k:Int64=5", BatchText.AttributesOfFirst(_batch));
        Assert.Contains("'b' 1000+2000 Error 'm'", BatchText.Of(_batch));
    }

    [Fact]
    public void A_list_in_pieces_is_one_and_other_values_before_it_are_forgotten()
    {
        var nested = new ProtoMessage().Raw(Int(1).ToArray()).Raw(Array(Int(2)).ToArray()).Raw(Array(Int(3)).ToArray());
        var overwritten = new ProtoMessage().Raw(Array(Int(2)).ToArray()).Raw(String("last").ToArray());
        var valueFirst = new ProtoMessage().Message(2, Int(6)).Text(1, "late");
        var map = new ProtoMessage().Message(6, new ProtoMessage().Message(1, valueFirst).Message(1, KeyValue("a", nested)));
        Decode(Request(Span()
            .Message(9, KeyValue("top", nested))
            .Message(9, KeyValue("inner", Array(nested, overwritten)))
            .Message(9, KeyValue("map", map))).ToArray());
        Assert.Equal(
            "top:Array=[2,3] inner:Array=[[2,3],\"last\"] map:Map={\"late\":6,\"a\":[2,3]}", BatchText.AttributesOfFirst(_batch));
    }

    [Fact]
    public void Unknown_fields_of_every_wire_type_and_groups_are_skipped()
    {
        static ProtoMessage Unknown(ProtoMessage message) => message
            .Varint(100, ulong.MaxValue).Fixed64(101, 1).Bytes(102, 1, 2, 3).Fixed32(104, 1)
            .Tag(103, 3).Varint(1, 1).Tag(9, 3).Text(1, "x").Tag(9, 4).Tag(103, 4);
        var span = Unknown(Unknown(Span()).Message(9, Unknown(KeyValue("k", Unknown(Int(1))))));
        Decode(Unknown(new ProtoMessage().Message(1, Unknown(new ProtoMessage().Message(2, Unknown(new ProtoMessage().Message(2, span)))))).ToArray());
        Assert.Equal("k:Int64=1", BatchText.AttributesOfFirst(_batch));
    }

    [Theory]
    [InlineData(0UL, 0UL, 0L, SpanMarks.NoStart | SpanMarks.NoDuration)]
    [InlineData(0UL, 5UL, 0L, SpanMarks.NoStart | SpanMarks.NoDuration)]
    [InlineData(5UL, 0UL, 0L, SpanMarks.NoDuration)]
    [InlineData(5UL, 3UL, -2L, SpanMarks.None)]
    [InlineData(5UL, 5UL, 0L, SpanMarks.None)]
    public void Missing_times_are_marked(ulong start, ulong end, long duration, SpanMarks marks)
    {
        Decode(Request(new ProtoMessage().Hex(1, TraceIdHex).Hex(2, SpanIdHex).Fixed64(7, start).Fixed64(8, end)).ToArray());
        Assert.Equal((start, duration, marks), (_batch.Span(0).StartNs, _batch.Span(0).DurationNs, _batch.Span(0).Marks));
    }

    [Fact]
    public void Kinds_and_status_codes_that_do_not_exist_read_as_none()
    {
        Decode(Request(Span().Varint(6, 77).Message(15, new ProtoMessage().Varint(3, ulong.MaxValue))).ToArray());
        Assert.Equal((SpanKind.Unspecified, SpanStatus.Unset), (_batch.Span(0).Kind, _batch.Span(0).Status));
    }

    [Fact]
    public void Decoding_allocates_nothing_once_it_is_warm()
    {
        var body = Full();
        for (var i = 0; i < 50; i++)
            Decode(body);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Decode(body);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private DecodeResult Decode(byte[] body)
    {
        _batch.Reset(SpanProtocol.Otlp);
        return _decoder.Decode(body, _batch, DecodeLimits.Default);
    }
}
