using Serverless.Tracing.Model;

namespace Serverless.Functions.Probing.Requests;

/// <summary>A <c>ListOfSpans</c> (zipkin-api, zipkin.proto).</summary>
internal static class ZipkinProtobufRequest
{
    private const ulong NanosecondsPerMicrosecond = 1_000;

    public static byte[] Write(IReadOnlyList<Span> spans)
    {
        var list = new ProtobufBytes();
        foreach (var span in spans)
            list.Message(1, to => Write(to, span));
        return list.ToArray();
    }

    private static void Write(ProtobufBytes to, Span span)
    {
        to.Bytes(1, ProbeIds.Bytes(span.TraceId));
        if (!span.ParentId.IsZero)
            to.Bytes(2, ProbeIds.Bytes(span.ParentId));
        to.Bytes(3, ProbeIds.Bytes(span.Id));
        if (KindOf(span.Kind) is var kind and not 0)
            to.Number(4, kind);
        to.Text(5, span.Name);
        to.Fixed64(6, span.StartNs / NanosecondsPerMicrosecond);
        to.Number(7, (ulong)span.DurationNs / NanosecondsPerMicrosecond);
        Write(to, 8, span.Resource.LocalEndpoint);
        Write(to, 9, span.RemoteEndpoint);
        foreach (var e in span.Events)
            to.Message(10, m => { m.Fixed64(1, e.TimeNs / NanosecondsPerMicrosecond); m.Text(2, e.Name); });
        foreach (var (key, value) in span.Attributes)
            to.Message(11, m => { m.Text(1, key); m.Text(2, value.Text); });
        if (span.IsShared)
            to.Number(13, 1);
    }

    private static void Write(ProtobufBytes to, int field, Endpoint? endpoint)
    {
        if (endpoint is not null)
            to.Message(field, m => { m.Text(1, endpoint.ServiceName); m.Bytes(2, endpoint.Ipv4!.GetAddressBytes()); m.Number(4, (ulong)endpoint.Port); });
    }

    private static uint KindOf(SpanKind kind) => kind switch
    {
        SpanKind.Client => 1,
        SpanKind.Server => 2,
        _ => 0,
    };
}
