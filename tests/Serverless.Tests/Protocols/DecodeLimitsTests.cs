using System.Text;
using Serverless.Tests.Fuzzing;
using Serverless.Tests.Protocols.Jaeger;
using Serverless.Tests.Protocols.Otlp;
using Serverless.Tests.Protocols.Thrift;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Thrift;

namespace Serverless.Tests.Protocols;

/// <summary>One request takes no more memory than its limits say, whatever is in its body.</summary>
public sealed class DecodeLimitsTests
{
    private const int HugeBody = 32 << 20;
    private const long MostMegabytes = 350;
    private const long MostKeptMegabytes = 40;

    private static readonly Dictionary<string, FuzzTarget> Targets = FuzzTarget.All().ToDictionary(target => target.Name);

    private readonly SpanBatch _batch = new();

    [Theory]
    [InlineData("otlp-protobuf", "resourceSpans[0].scopeSpans[0].spans[0].attributes[3]")]
    [InlineData("otlp-json", "resourceSpans[0].scopeSpans[0].spans[0].attributes[3]")]
    [InlineData("zipkin-json", "[0].tags")]
    [InlineData("zipkin-json-v1", "[0]")]
    [InlineData("zipkin-proto3", "spans[0].tags[3]")]
    [InlineData("zipkin-thrift", "[0]")]
    [InlineData("jaeger-http", "spans[0].tags[3]")]
    public void Too_many_attributes_are_refused_with_the_place(string name, string path)
    {
        var e = Refuse(name, Body(name, 10), new DecodeLimits { MaxTotalAttributes = 3 });
        Assert.StartsWith(path, e.Path);
        Assert.Equal("more than 3 attributes in one request; send fewer spans in a request", e.Reason);
        Assert.Equal(1, Decode(name, Body(name, 3), new DecodeLimits { MaxTotalAttributes = 4 }).Accepted);
    }

    [Theory]
    [InlineData("otlp-protobuf")]
    [InlineData("otlp-json")]
    [InlineData("zipkin-json")]
    [InlineData("zipkin-json-v1")]
    [InlineData("zipkin-proto3")]
    [InlineData("zipkin-thrift")]
    [InlineData("jaeger-http")]
    public void Too_many_texts_are_refused_with_the_place(string name)
    {
        var e = Refuse(name, Body(name, 100), new DecodeLimits { MaxTexts = 50 });
        Assert.NotEqual("", e.Path);
        Assert.Equal("more than 50 distinct texts in one request; send fewer spans in a request", e.Reason);
        Decode(name, Body(name, 100), new DecodeLimits { MaxTexts = 500 });
    }

    [Fact]
    public void Too_many_events_and_links_are_refused_with_the_place()
    {
        var span = OtlpMessages.Span();
        for (var i = 0; i < 5; i++)
            span.Message(11, new ProtoMessage().Text(2, "e")).Message(13, new ProtoMessage());
        var e = Refuse("otlp-protobuf", OtlpMessages.Request(span).ToArray(), new DecodeLimits { MaxTotalEvents = 4 });
        Assert.StartsWith("resourceSpans[0].scopeSpans[0].spans[0].events[4]", e.Path);
        Assert.StartsWith("more than 4 events in one request", e.Reason);
        e = Refuse("otlp-protobuf", OtlpMessages.Request(span).ToArray(), new DecodeLimits { MaxTotalLinks = 4 });
        Assert.StartsWith("resourceSpans[0].scopeSpans[0].spans[0].links[4]", e.Path);
        Assert.StartsWith("more than 4 links in one request", e.Reason);
    }

    public static TheoryData<string, string> HugeBodies => new()
    {
        { "otlp-protobuf", "empty attributes" },
        { "otlp-protobuf", "empty spans" },
        { "otlp-protobuf", "empty events" },
        { "otlp-protobuf", "distinct keys" },
        { "otlp-protobuf", "empty resources" },
        { "otlp-protobuf", "attributes of no spans" },
        { "otlp-json", "empty objects" },
        { "zipkin-json", "small spans" },
        { "zipkin-json", "distinct tags" },
        { "zipkin-proto3", "distinct endpoints" },
        { "jaeger-binary", "empty batches" },
    };

    [Theory]
    [MemberData(nameof(HugeBodies))]
    public void A_body_of_32_MiB_takes_bounded_memory_and_gives_it_back(string name, string kind)
    {
        var body = Huge(kind);
        Assert.InRange(body.Length, HugeBody / 2, HugeBody);
        var frames = new FrameBuffer();
        var writer = new FrameWriter();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Decode(name, body, DecodeLimits.Default);
            writer.Write(_batch, frames);
        }
        catch (Exception e) when (e is MalformedSpansException or FramesTooLargeException)
        {
            Assert.Contains("send", e.Message, StringComparison.Ordinal);
        }

        // All that was allocated, also what was outgrown.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) >> 20, 0, MostMegabytes);
        _batch.Reset(SpanProtocol.Otlp);
        frames.Reset();
        Assert.InRange(KeptMemory.Of(_batch, writer, frames) >> 20, 0, MostKeptMegabytes);
    }

    [Fact]
    public void What_many_traces_have_in_common_does_not_multiply_without_bound()
    {
        var resource = new ProtoMessage();
        for (var i = 0; i < 100; i++)
            resource.Message(1, OtlpMessages.KeyValue("k" + i, OtlpMessages.String(new string('x', 5_000) + i)));
        var spans = new ProtoMessage();
        for (var i = 1; i <= 10_000; i++)
            spans.Message(2, new ProtoMessage().Hex(1, $"{i:x32}").Hex(2, "0000000000000001"));
        var body = new ProtoMessage().Message(1, new ProtoMessage().Message(1, resource).Message(2, spans)).ToArray();
        Decode("otlp-protobuf", body, DecodeLimits.Default);
        var e = Assert.Throws<FramesTooLargeException>(() => new FrameWriter().Write(_batch, new FrameBuffer()));
        Assert.Equal(
            "The spans would take more than 67108864 bytes in storage, for what they have in common is stored with each trace; send fewer spans in a request.",
            e.Message);
    }

    [Fact]
    public void Endpoints_and_ids_that_collide_in_a_plain_hash_do_not_here()
    {
        // A record's own hash is a sum of its members', each times a known power: (address, port) pairs of one sum are easily found.
        var endpoints = Enumerable.Range(0, 60_000).Select(i => new EndpointItem(0, null, new UInt128((ulong)i << 32 | (uint)i, 0), 0));
        Assert.InRange(endpoints.Select(EndpointComparer.Instance.GetHashCode).Distinct().Count(), 59_000, 60_000);
        // A plain 64-bit number's hash is its halves' exclusive or.
        var ids = Enumerable.Range(0, 60_000).Select(i => (ulong)i << 32 | (uint)i).ToArray();
        Assert.Single(ids.Select(id => id.GetHashCode()).Distinct());
        Assert.InRange(ids.Select(id => new SpanId(id).GetHashCode()).Distinct().Count(), 59_000, 60_000);
        Assert.InRange(ids.Select(id => new TraceId(id, 1).GetHashCode()).Distinct().Count(), 59_000, 60_000);
    }

    private DecodeResult Decode(string name, byte[] body, DecodeLimits limits)
    {
        _batch.Reset(Targets[name].Protocol);
        return Targets[name].Decode(body, _batch, limits);
    }

    private MalformedSpansException Refuse(string name, byte[] body, DecodeLimits limits)
    {
        var e = Assert.Throws<MalformedSpansException>(() => Decode(name, body, limits));
        Assert.InRange(e.Offset, 1, body.Length);
        return e;
    }

    /// <summary>A span with so many attributes.</summary>
    private static byte[] Body(string name, int attributes)
    {
        var tags = Enumerable.Range(0, attributes).Select(i => (Key: "key" + i, Value: "value" + i)).ToArray();
        var v2 = """[{"traceId":"1","id":"2","tags":{""" + string.Join(',', tags.Select(tag => $"\"{tag.Key}\":\"{tag.Value}\"")) + "}}]";
        var v1 = $$"""[{"traceId":"1","id":"2","binaryAnnotations":[{{string.Join(',', tags.Select(tag => $$"""{"key":"{{tag.Key}}","value":"{{tag.Value}}"}"""))}}]}]""";
        switch (name)
        {
            case "otlp-protobuf":
                var span = OtlpMessages.Span();
                foreach (var (key, value) in tags)
                    span.Message(9, OtlpMessages.KeyValue(key, OtlpMessages.String(value)));
                return OtlpMessages.Request(span).ToArray();
            case "otlp-json":
                return Encoding.UTF8.GetBytes($$"""
                    {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"{{OtlpMessages.TraceIdHex}}","spanId":"{{OtlpMessages.SpanIdHex}}","attributes":[
                    {{string.Join(',', tags.Select(tag => $$$"""{"key":"{{{tag.Key}}}","value":{"stringValue":"{{{tag.Value}}}"}}"""))}}]}]}]}]}
                    """);
            case "zipkin-json":
                return Encoding.UTF8.GetBytes(v2);
            case "zipkin-proto3":
                return ZipkinFormats.Proto3(v2);
            case "zipkin-json-v1":
                return Encoding.UTF8.GetBytes(v1);
            case "zipkin-thrift":
                return ZipkinFormats.Thrift(v1);
            default:
                return JaegerCorpus.Batch(JaegerCorpus.Span((10, JaegerCorpus.Tags([.. tags.Select(tag => JaegerCorpus.Tag(tag.Key, tag.Value))])))).Write(compact: false);
        }
    }

    private static byte[] Huge(string kind)
    {
        var ids = new ProtoMessage().Hex(1, OtlpMessages.TraceIdHex).Hex(2, OtlpMessages.SpanIdHex).ToArray();
        switch (kind)
        {
            case "empty attributes":
                return OtlpSpans(Repeat(_ => OtlpSpan(ids, [.. Enumerable.Repeat((byte[])[0x4A, 0], 500).SelectMany(bytes => bytes)])));
            case "empty spans":
                return OtlpSpans(Repeat(_ => [0x12, 0]));
            case "empty events":
                return OtlpSpans(Repeat(_ => OtlpSpan(ids, [.. Enumerable.Repeat((byte[])[0x5A, 0], 1_000).SelectMany(bytes => bytes)])));
            case "distinct keys":
                return OtlpSpans(Repeat(i => OtlpSpan(ids, [.. Enumerable.Range(0, 500).SelectMany(j =>
                    (byte[])[0x4A, 6, 0x0A, 4, (byte)(32 + (i % 90)), (byte)(32 + (i / 90 % 90)), (byte)(32 + (j % 90)), (byte)(32 + (j / 90))])])));
            case "empty resources":
                return Repeat(_ => [0x0A, 0]);
            case "attributes of no spans":
                var resource = new ProtoMessage().Message(1, new ProtoMessage().Raw([.. Enumerable.Repeat((byte[])[0x0A, 0], 500).SelectMany(bytes => bytes)])).ToArray();
                return Repeat(_ => new ProtoMessage().Bytes(1, resource).ToArray());
            case "empty objects":
                return Encoding.ASCII.GetBytes("{\"resourceSpans\":[" + string.Concat(Enumerable.Repeat("{},", 10_000_000)) + "{}]}");
            case "small spans":
                return Encoding.ASCII.GetBytes("[" + string.Concat(Enumerable.Repeat("""{"traceId":"1","id":"2"},""", 1_000_000)) + "{}]");
            case "distinct tags":
                return Encoding.ASCII.GetBytes("[" + string.Join(',', Enumerable.Range(0, 7_000).Select(i =>
                    """{"traceId":"1","id":"2","tags":{""" + string.Join(',', Enumerable.Range(0, 300).Select(j => $"\"{(i * 300) + j:x}\":\"\"")) + "}}")) + "]");
            case "distinct endpoints":
                return Repeat(i => new ProtoMessage().Message(1, new ProtoMessage().Bytes(1, 1).Bytes(3, 1)
                    .Message(8, new ProtoMessage().Bytes(2, (byte)(i >> 24), (byte)(i >> 16), (byte)(i >> 8), (byte)i).Varint(4, 1))
                    .Message(9, new ProtoMessage().Bytes(2, (byte)(i >> 24), (byte)(i >> 16), (byte)(i >> 8), (byte)i).Varint(4, 2))).ToArray());
            default:
                // Field 1 of the arguments again and again: a batch with a process of no name, and no spans.
                byte[] header = [0x80, 1, 0, 4, 0, 0, 0, 9, .. "emitBatch"u8, 0, 0, 0, 0];
                var batch = ThriftNode.Struct((1, ThriftNode.Struct((1, ThriftNode.Text("")))), (2, ThriftNode.List(ThriftType.Struct))).Write(compact: false);
                return [.. header, .. Repeat(_ => [12, 0, 1, .. batch]), 0];
        }
    }

    private static byte[] OtlpSpan(byte[] ids, byte[] more) => new ProtoMessage().Bytes(2, [.. ids, .. more]).ToArray();

    private static byte[] OtlpSpans(byte[] spans) => new ProtoMessage().Message(1, new ProtoMessage().Bytes(2, spans)).ToArray();

    private static byte[] Repeat(Func<int, byte[]> make)
    {
        using var output = new MemoryStream(HugeBody);
        for (var i = 0; ; i++)
        {
            var next = make(i);
            if (output.Length + next.Length > HugeBody - 100)
                return output.ToArray();
            output.Write(next);
        }
    }
}
