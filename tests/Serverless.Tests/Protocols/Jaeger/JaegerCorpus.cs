using Serverless.Tests.Protocols.Thrift;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Jaeger;
using Serverless.Tracing.Protocols.Thrift;
using static Serverless.Tests.Protocols.Thrift.ThriftNode;

namespace Serverless.Tests.Protocols.Jaeger;

/// <summary>The bodies of tests/data/jaeger, batches made by hand, and the shortest way to decode one.</summary>
internal static class JaegerCorpus
{
    public static readonly string[] Files =
        ["every-field.http.bin", "every-field.binary.bin", "every-field.compact.bin", "jaeger-client-node.http.bin", "jaeger-client-node.binary.bin"];

    public static byte[] Read(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
            folder = folder.Parent;
        Assert.NotNull(folder);
        return File.ReadAllBytes(Path.Combine(folder.FullName, "tests", "data", "jaeger", file));
    }

    /// <summary>Decodes as the name of a corpus file says.</summary>
    public static DecodeResult Decode(string file, JaegerThriftDecoder decoder, ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits? limits = null)
    {
        batch.Reset(SpanProtocol.Jaeger);
        limits ??= DecodeLimits.Default;
        return file.Contains("compact", StringComparison.Ordinal) ? decoder.DecodeCompactMessage(body, batch, limits)
            : file.Contains("binary", StringComparison.Ordinal) ? decoder.DecodeBinaryMessage(body, batch, limits)
            : decoder.DecodeBatch(body, batch, limits);
    }

    public static Span[] Decode(ThriftNode batch, DecodeLimits? limits = null) => Decode(batch, limits, out _);

    public static Span[] Decode(ThriftNode batch, DecodeLimits? limits, out DecodeResult result)
    {
        var spans = new SpanBatch();
        result = Decode("http", new JaegerThriftDecoder(), batch.Write(compact: false), spans, limits);
        Assert.Equal(result.Accepted, spans.SpanCount);
        return ZipkinCorpus.Read(spans);
    }

    public static MalformedSpansException Refuse(ThriftNode batch, DecodeLimits? limits = null) =>
        Assert.Throws<MalformedSpansException>(() => Decode(batch, limits));

    /// <summary>The smallest batch of these spans.</summary>
    public static ThriftNode Batch(params ThriftNode[] spans) =>
        Struct((1, Struct((1, Text("shop")))), (2, List(ThriftType.Struct, spans)));

    /// <summary>The smallest span, of trace 1, with id 2.</summary>
    public static ThriftNode Span(params (short Id, ThriftNode Value)[] more) => Struct([
        (1, I64(1)), (2, I64(0)), (3, I64(2)), (4, I64(0)), (5, Text("get")), (7, I32(1)), (8, I64(1_700_000_000_000_000)), (9, I64(10)), .. more]);

    public static ThriftNode Tags(params ThriftNode[] tags) => List(ThriftType.Struct, tags);

    public static ThriftNode Tag(string key, string value) => Struct((1, Text(key)), (2, I32(0)), (3, Text(value)));

    public static ThriftNode Tag(string key, bool value) => Struct((1, Text(key)), (2, I32(2)), (5, Bool(value)));

    public static ThriftNode Tag(string key, long value) => Struct((1, Text(key)), (2, I32(3)), (6, I64(value)));

    public static ThriftNode Reference(int type, long traceLow, long spanId, long traceHigh = 0) =>
        Struct((1, I32(type)), (2, I64(traceLow)), (3, I64(traceHigh)), (4, I64(spanId)));
}
