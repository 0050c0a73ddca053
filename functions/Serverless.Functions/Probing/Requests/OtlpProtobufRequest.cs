using Serverless.Tracing.Model;

namespace Serverless.Functions.Probing.Requests;

/// <summary>An <c>ExportTraceServiceRequest</c> in protobuf (opentelemetry-proto, trace/v1/trace.proto).</summary>
internal static class OtlpProtobufRequest
{
    public static byte[] Write(IReadOnlyList<Span> spans)
    {
        var request = new ProtobufBytes();
        foreach (var group in spans.GroupBy(span => span.Resource))
        {
            request.Message(1, resourceSpans =>
            {
                resourceSpans.Message(1, resource =>
                {
                    Write(resource, 1, [new SpanAttribute("service.name", AttributeValue.Of(group.Key.ServiceName))]);
                    Write(resource, 1, group.Key.Attributes);
                });
                resourceSpans.Message(2, scopeSpans =>
                {
                    var scope = group.First().Scope!;
                    scopeSpans.Message(1, to => { to.Text(1, scope.Name); to.Text(2, scope.Version); });
                    foreach (var span in group)
                        scopeSpans.Message(2, to => Write(to, span));
                });
            });
        }

        return request.ToArray();
    }

    private static void Write(ProtobufBytes to, Span span)
    {
        to.Bytes(1, ProbeIds.Bytes(span.TraceId));
        to.Bytes(2, ProbeIds.Bytes(span.Id));
        to.Text(3, span.TraceState);
        if (!span.ParentId.IsZero)
            to.Bytes(4, ProbeIds.Bytes(span.ParentId));
        to.Text(5, span.Name);
        to.Number(6, (ulong)span.Kind);
        to.Fixed64(7, span.StartNs);
        to.Fixed64(8, span.StartNs + (ulong)span.DurationNs);
        Write(to, 9, span.Attributes);
        foreach (var e in span.Events)
            to.Message(11, m => { m.Fixed64(1, e.TimeNs); m.Text(2, e.Name); Write(m, 3, e.Attributes); });
        foreach (var link in span.Links)
            to.Message(13, m => { m.Bytes(1, ProbeIds.Bytes(link.TraceId)); m.Bytes(2, ProbeIds.Bytes(link.SpanId)); Write(m, 4, link.Attributes); });
        if (span.Status != SpanStatus.Unset)
            to.Message(15, m => { m.Text(2, span.StatusMessage); m.Number(3, (ulong)span.Status); });
    }

    private static void Write(ProtobufBytes to, int field, IReadOnlyList<SpanAttribute> attributes)
    {
        foreach (var (key, value) in attributes)
            to.Message(field, m => { m.Text(1, key); m.Message(2, v => Write(v, value)); });
    }

    private static void Write(ProtobufBytes to, AttributeValue value)
    {
        switch (value.Type)
        {
            case AttributeType.String:
                to.Text(1, value.Text);
                break;
            case AttributeType.True or AttributeType.False:
                to.Number(2, value.Type == AttributeType.True ? 1u : 0u);
                break;
            case AttributeType.Int64:
                to.Number(3, (ulong)value.Int64);
                break;
            case AttributeType.Double:
                to.Double(4, value.Double);
                break;
            case AttributeType.Array:
                to.Message(5, list =>
                {
                    foreach (var item in value.Items)
                        list.Message(1, v => Write(v, item));
                });
                break;
            case AttributeType.Map:
                to.Message(6, map => Write(map, 1, value.Entries));
                break;
            case AttributeType.Bytes:
                to.Bytes(7, value.Bytes);
                break;
        }
    }
}
