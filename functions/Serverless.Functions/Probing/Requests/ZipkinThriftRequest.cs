using System.Buffers.Binary;
using System.Text;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Probing.Requests;

/// <summary>A list of spans in Zipkin's v1 thrift (zipkin-api, zipkinCore.thrift), which says kinds and endpoints by annotations.</summary>
internal static class ZipkinThriftRequest
{
    private const long NanosecondsPerMicrosecond = 1_000;
    private const int BoolType = 0;
    private const int BytesType = 1;
    private const int I64Type = 4;
    private const int DoubleType = 5;
    private const int StringType = 6;

    public static byte[] Write(IReadOnlyList<Span> spans)
    {
        var to = new ThriftBytes();
        to.List(spans, Write);
        return to.ToArray();
    }

    private static void Write(ThriftBytes to, Span span)
    {
        var host = span.Resource.LocalEndpoint!;
        var start = (long)span.StartNs / NanosecondsPerMicrosecond;
        var duration = span.DurationNs / NanosecondsPerMicrosecond;
        to.I64(1, (long)span.TraceId.Low);
        to.Text(3, span.Name);
        to.I64(4, (long)span.Id.Value);
        if (!span.ParentId.IsZero)
            to.I64(5, (long)span.ParentId.Value);
        List<(long Time, string Value)> annotations = [.. span.Events.Select(e => ((long)e.TimeNs / NanosecondsPerMicrosecond, e.Name))];
        if (span.Kind is SpanKind.Client or SpanKind.Server)
        {
            annotations.Insert(0, (start, span.Kind == SpanKind.Client ? "cs" : "sr"));
            annotations.Add((start + duration, span.Kind == SpanKind.Client ? "cr" : "ss"));
        }

        to.List(6, annotations, (m, annotation) => { m.I64(1, annotation.Time); m.Text(2, annotation.Value); Write(m, 3, host); });
        var tags = span.Attributes.Select(attribute => (attribute.Key, Value: ValueOf(attribute.Value), Host: host));
        if (span.RemoteEndpoint is { } remote)
            tags = tags.Append(("sa", (BoolType, [1]), remote));
        to.List(8, [.. tags], (m, tag) => { m.Text(1, tag.Key); m.Bytes(2, tag.Value.Bytes); m.I32(3, tag.Value.Type); Write(m, 4, tag.Host); });
        // v1 has no flag for it: who shares the client's span leaves its times to the client.
        if (!span.IsShared)
        {
            to.I64(10, start);
            to.I64(11, duration);
        }

        to.I64(12, (long)span.TraceId.High);
    }

    private static void Write(ThriftBytes to, short field, Endpoint endpoint) => to.Struct(field, m =>
    {
        m.I32(1, BinaryPrimitives.ReadInt32BigEndian(endpoint.Ipv4!.GetAddressBytes()));
        m.I16(2, (short)endpoint.Port);
        m.Text(3, endpoint.ServiceName);
    });

    private static (int Type, byte[] Bytes) ValueOf(AttributeValue value)
    {
        var number = new byte[sizeof(long)];
        switch (value.Type)
        {
            case AttributeType.True:
                return (BoolType, [1]);
            case AttributeType.False:
                return (BoolType, [0]);
            case AttributeType.Int64:
                BinaryPrimitives.WriteInt64BigEndian(number, value.Int64);
                return (I64Type, number);
            case AttributeType.Double:
                BinaryPrimitives.WriteDoubleBigEndian(number, value.Double);
                return (DoubleType, number);
            case AttributeType.Bytes:
                return (BytesType, value.Bytes);
            default:
                return (StringType, Encoding.UTF8.GetBytes(value.Text));
        }
    }
}
