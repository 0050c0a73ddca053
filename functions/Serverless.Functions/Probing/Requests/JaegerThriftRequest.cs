using Serverless.Tracing.Model;

namespace Serverless.Functions.Probing.Requests;

/// <summary>A <c>Batch</c> of one process (jaeger-idl, thrift/jaeger.thrift).</summary>
internal static class JaegerThriftRequest
{
    private const long NanosecondsPerMicrosecond = 1_000;
    private const int StringType = 0;
    private const int DoubleType = 1;
    private const int BoolType = 2;
    private const int LongType = 3;
    private const int BinaryType = 4;
    private const int FollowsFrom = 1;
    private const int Sampled = 1;

    public static byte[] Write(Resource process, IReadOnlyList<Span> spans)
    {
        var to = new ThriftBytes();
        to.Struct(batch =>
        {
            batch.Struct(1, m => { m.Text(1, process.ServiceName); m.List(2, process.Attributes, Write); });
            batch.List(2, spans, Write);
        });
        return to.ToArray();
    }

    private static void Write(ThriftBytes to, Span span)
    {
        to.I64(1, (long)span.TraceId.Low);
        to.I64(2, (long)span.TraceId.High);
        to.I64(3, (long)span.Id.Value);
        to.I64(4, (long)span.ParentId.Value);
        to.Text(5, span.Name);
        to.List(6, span.Links, static (m, link) =>
        {
            m.I32(1, FollowsFrom);
            m.I64(2, (long)link.TraceId.Low);
            m.I64(3, (long)link.TraceId.High);
            m.I64(4, (long)link.SpanId.Value);
        });
        to.I32(7, Sampled);
        to.I64(8, (long)span.StartNs / NanosecondsPerMicrosecond);
        to.I64(9, span.DurationNs / NanosecondsPerMicrosecond);
        List<SpanAttribute> tags = [.. span.Attributes, new("span.kind", AttributeValue.Of(span.Kind.ToString().ToLowerInvariant()))];
        if (span.Status == SpanStatus.Error)
            tags.Add(new("error", AttributeValue.Of(true)));
        to.List(10, tags, Write);
        to.List(11, span.Events, static (m, e) =>
        {
            m.I64(1, (long)e.TimeNs / NanosecondsPerMicrosecond);
            m.List(2, (SpanAttribute[])[new("event", AttributeValue.Of(e.Name)), .. e.Attributes], Write);
        });
    }

    private static void Write(ThriftBytes to, SpanAttribute tag)
    {
        to.Text(1, tag.Key);
        switch (tag.Value.Type)
        {
            case AttributeType.True or AttributeType.False:
                to.I32(2, BoolType);
                to.Bool(5, tag.Value.Type == AttributeType.True);
                break;
            case AttributeType.Int64:
                to.I32(2, LongType);
                to.I64(6, tag.Value.Int64);
                break;
            case AttributeType.Double:
                to.I32(2, DoubleType);
                to.Double(4, tag.Value.Double);
                break;
            case AttributeType.Bytes:
                to.I32(2, BinaryType);
                to.Bytes(7, tag.Value.Bytes);
                break;
            default:
                to.I32(2, StringType);
                to.Text(3, tag.Value.Text);
                break;
        }
    }
}
