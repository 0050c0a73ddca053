using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Tests.Protocols.Zipkin;

/// <summary>The bodies of tests/data/zipkin, and the shortest way to decode one.</summary>
internal static class ZipkinCorpus
{
    public static readonly string[] Files = ["bookinfo-64bit.json", "bookinfo-128bit.json", "every-field.json"];

    public static byte[] Read(string file) => File.ReadAllBytes(PathOf(file));

    public static string PathOf(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
            folder = folder.Parent;
        Assert.NotNull(folder);
        return Path.Combine(folder.FullName, "tests", "data", "zipkin", file);
    }

    public static Span[] Decode(ReadOnlySpan<byte> body, DecodeLimits? limits = null) => Decode(body, limits, out _);

    public static Span[] DecodeV1(ReadOnlySpan<byte> body, DecodeLimits? limits = null)
    {
        var batch = NewBatch();
        new ZipkinJsonV1Decoder().Decode(body, batch, limits ?? DecodeLimits.Default);
        return Read(batch);
    }

    public static Span[] DecodeThrift(ReadOnlySpan<byte> body, DecodeLimits? limits = null)
    {
        var batch = NewBatch();
        new ZipkinThriftDecoder().Decode(body, batch, limits ?? DecodeLimits.Default);
        return Read(batch);
    }

    public static Span[] DecodeProto3(ReadOnlySpan<byte> body, DecodeLimits? limits = null)
    {
        var batch = NewBatch();
        new ZipkinProtobufDecoder().Decode(body, batch, limits ?? DecodeLimits.Default);
        return Read(batch);
    }

    public static Span[] Decode(ReadOnlySpan<byte> body, DecodeLimits? limits, out DecodeResult result)
    {
        var batch = NewBatch();
        result = new ZipkinJsonDecoder().Decode(body, batch, limits ?? DecodeLimits.Default);
        return Read(batch);
    }

    /// <summary>The batch's spans as they come back from storage.</summary>
    public static Span[] Read(SpanBatch batch)
    {
        var frames = new FrameBuffer();
        new FrameWriter().Write(batch, frames);
        var spans = new List<Span>();
        SpanDecoder.Decode(frames.Written.ToArray(), spans);
        return [.. spans];
    }

    public static Span[] Decode(string body, DecodeLimits? limits = null) => Decode(Encoding.UTF8.GetBytes(body), limits);

    public static MalformedSpansException Refuse(string body, DecodeLimits? limits = null) => Refuse(Encoding.UTF8.GetBytes(body), limits);

    public static MalformedSpansException Refuse(byte[] body, DecodeLimits? limits = null) =>
        Assert.Throws<MalformedSpansException>(() => Decode(body, limits));

    private static SpanBatch NewBatch()
    {
        var batch = new SpanBatch();
        batch.Reset(SpanProtocol.Zipkin);
        return batch;
    }
}
