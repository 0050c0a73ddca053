using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Tests.Protocols.Zipkin;

/// <summary>Broken bodies end in success or <see cref="MalformedSpansException"/>, and what succeeds can be stored and read.</summary>
/// <remarks>Random changes of all formats: <see cref="Fuzzing.FuzzTests"/>.</remarks>
public sealed class ZipkinHostileTests
{
    private readonly SpanBatch _batch = new();
    private readonly ZipkinProtobufDecoder _proto3 = new();
    private readonly ZipkinJsonV1Decoder _jsonV1 = new();
    private readonly ZipkinThriftDecoder _thrift = new();
    private readonly FrameWriter _writer = new();
    private readonly FrameBuffer _frames = new();

    public static TheoryData<string> Files => ["every-field.proto3", "bookinfo-128bit.proto3", "every-field.thrift", ZipkinBinaryCorpora.JsonV1];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_body_cut_anywhere_is_refused_but_between_two_spans_of_protobuf(string file)
    {
        var body = ZipkinCorpus.Read(file).AsSpan().TrimEnd("\n"u8).ToArray();
        var taken = 0;
        for (var length = 1; length < body.Length; length++)
            taken += TryDecode(file, body[..length]) ? 1 : 0;
        Assert.True(TryDecode(file, body));
        Assert.Equal(file.EndsWith(".proto3", StringComparison.Ordinal) ? _batch.SpanCount - 1 : 0, taken);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_body_with_any_byte_changed_is_read_or_refused(string file)
    {
        var body = ZipkinCorpus.Read(file);
        for (var i = 0; i < body.Length; i++)
        {
            var original = body[i];
            foreach (var changed in (byte[])[(byte)(original ^ 1), (byte)(original ^ 0x80), (byte)~original, 0, (byte)'"'])
            {
                body[i] = changed;
                TryDecode(file, body);
            }

            body[i] = original;
        }

        Assert.True(TryDecode(file, body));
    }

    [Fact]
    public void A_body_of_one_format_sent_as_another_is_refused()
    {
        foreach (var sent in Files)
        {
            var format = Path.GetExtension(sent.Data);
            foreach (var taken in Files.Where(taken => Path.GetExtension(taken.Data) != format))
                Assert.False(TryDecode(taken.Data, ZipkinCorpus.Read(sent.Data)), $"{sent.Data} was taken as {taken.Data}");
        }
    }

    [Fact]
    public void Many_services_in_one_span_take_linear_time_and_are_bounded()
    {
        var annotations = Enumerable.Range(0, 60_000).Select(i =>
            $$$"""{"timestamp":{{{60_000 - i}}},"value":"x","endpoint":{"serviceName":"s{{{i}}}"}}""");
        var body = System.Text.Encoding.UTF8.GetBytes($$$"""[{"traceId":"1","id":"2","annotations":[{{{string.Join(',', annotations)}}}]}]""");
        Assert.True(TryDecode(ZipkinBinaryCorpora.JsonV1, body));
        Assert.Equal(60_000, _batch.SpanCount);
        _batch.Reset(SpanProtocol.Zipkin);
        var e = Assert.Throws<MalformedSpansException>(() => _jsonV1.Decode(body, _batch, new DecodeLimits { MaxSpans = 10 }));
        Assert.Equal("more than 10 spans in one request; send them in several", e.Reason);
        Assert.Equal(0, _batch.SpanCount);
    }

    [Fact]
    public void More_annotations_than_a_span_may_hold_are_refused_at_once()
    {
        var json = string.Join(',', Enumerable.Repeat("{\"key\":\"\"}", 70_000));
        var body = System.Text.Encoding.UTF8.GetBytes($$$"""[{"traceId":"1","id":"2","binaryAnnotations":[{{{json}}}]}]""");
        var e = Assert.Throws<MalformedSpansException>(() => ZipkinCorpus.DecodeV1(body));
        Assert.Equal(("[0].binaryAnnotations[65536]", "more than 65536 annotations in one span"), (e.Path, e.Reason));

        var thrift = new ThriftBytes().Raw(ThriftBytes.Struct).Int(1).I64(1, 1).I64(4, 2).Field(ThriftBytes.ListType, 6).Raw(ThriftBytes.Struct).Int(30_000_000)
            .Raw(new byte[30_000_001]).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        e = Assert.Throws<MalformedSpansException>(() => _thrift.Decode(thrift, _batch, DecodeLimits.Default));
        Assert.Equal(("[0].annotations", "more than 65536 annotations in one span"), (e.Path, e.Reason));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_reused_decoder_does_not_mix_requests_up()
    {
        foreach (var file in Files)
        {
            Assert.True(TryDecode(file.Data, ZipkinCorpus.Read(file.Data)));
            var first = ZipkinCorpus.Read(_batch).Select(ZipkinSpanText.WithIds).ToArray();
            var body = ZipkinCorpus.Read(file.Data);
            Assert.False(TryDecode(file.Data, body[..(body.Length / 2)]));
            Assert.True(TryDecode(file.Data, body));
            Assert.Equal(first, ZipkinCorpus.Read(_batch).Select(ZipkinSpanText.WithIds));
        }
    }

    private bool TryDecode(string file, byte[] body)
    {
        _batch.Reset(SpanProtocol.Zipkin);
        try
        {
            var result = Path.GetExtension(file) switch
            {
                ".proto3" => _proto3.Decode(body, _batch, DecodeLimits.Default),
                ".thrift" => _thrift.Decode(body, _batch, DecodeLimits.Default),
                _ => _jsonV1.Decode(body, _batch, DecodeLimits.Default),
            };
            Assert.Equal(result.Accepted, _batch.SpanCount);
        }
        catch (MalformedSpansException e)
        {
            Assert.InRange(e.Offset, 0, body.Length);
            return false;
        }

        _frames.Reset();
        _writer.Write(_batch, _frames);
        var spans = new List<Span>();
        SpanDecoder.Decode(_frames.Written.ToArray(), spans);
        Assert.Equal(_batch.SpanCount, spans.Count);
        return true;
    }
}
