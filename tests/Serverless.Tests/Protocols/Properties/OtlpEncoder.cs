using System.Globalization;
using System.Text.Json;
using Serverless.Tests.Protocols.Otlp;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Protocols.Properties;

/// <summary>Spans as OTLP requests, each with a resource and scope of its own.</summary>
internal static class OtlpEncoder
{
    public static byte[] Protobuf(IReadOnlyList<Span> spans)
    {
        var request = new ProtoMessage();
        foreach (var span in spans)
        {
            var scope = new ProtoMessage().Text(1, span.Scope!.Name).Text(2, span.Scope.Version);
            Attributes(scope, 3, span.Scope.Attributes).Varint(4, span.Scope.DroppedAttributes);
            var resource = Attributes(new ProtoMessage(), 1, span.Resource.Attributes).Varint(2, span.Resource.DroppedAttributes);
            request.Message(1, new ProtoMessage()
                .Message(2, new ProtoMessage().Message(2, Message(span)).Text(3, span.Scope.SchemaUrl).Message(1, scope))
                .Message(1, resource).Text(3, span.Resource.SchemaUrl));
        }

        return request.ToArray();
    }

    public static byte[] Json(IReadOnlyList<Span> spans) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        resourceSpans = spans.Select(span => new
        {
            scopeSpans = new[]
            {
                new
                {
                    spans = new[] { Object(span) },
                    scope = new
                    {
                        name = span.Scope!.Name, version = span.Scope.Version, attributes = Objects(span.Scope.Attributes),
                        droppedAttributesCount = span.Scope.DroppedAttributes,
                    },
                    schemaUrl = span.Scope.SchemaUrl,
                },
            },
            resource = new { attributes = Objects(span.Resource.Attributes), droppedAttributesCount = span.Resource.DroppedAttributes },
            schemaUrl = span.Resource.SchemaUrl,
        }),
    });

    private static ProtoMessage Message(Span span)
    {
        var message = new ProtoMessage().Hex(1, span.TraceId.ToHex32()).Hex(2, span.Id.ToString()).Text(3, span.TraceState);
        if (!span.ParentId.IsZero)
            message.Hex(4, span.ParentId.ToString());
        message.Text(5, span.Name).Varint(6, (ulong)span.Kind).Fixed64(7, span.StartNs).Fixed64(8, span.StartNs + (ulong)span.DurationNs);
        Attributes(message, 9, span.Attributes).Varint(10, span.DroppedAttributes);
        foreach (var e in span.Events)
            message.Message(11, Attributes(new ProtoMessage().Fixed64(1, e.TimeNs).Text(2, e.Name), 3, e.Attributes).Varint(4, e.DroppedAttributes));
        message.Varint(12, span.DroppedEvents);
        foreach (var link in span.Links)
        {
            message.Message(13, Attributes(new ProtoMessage().Hex(1, link.TraceId.ToHex32()).Hex(2, link.SpanId.ToString()).Text(3, link.TraceState), 4, link.Attributes)
                .Varint(5, link.DroppedAttributes).Fixed32(6, link.Flags));
        }

        return message.Varint(14, span.DroppedLinks).Message(15, new ProtoMessage().Text(2, span.StatusMessage).Varint(3, (ulong)span.Status)).Fixed32(16, span.Flags);
    }

    private static ProtoMessage Attributes(ProtoMessage to, uint field, IReadOnlyList<SpanAttribute> attributes)
    {
        foreach (var (key, value) in attributes)
            to.Message(field, OtlpMessages.KeyValue(key, Value(value)));
        return to;
    }

    private static ProtoMessage Value(AttributeValue value) => value.Type switch
    {
        AttributeType.String => OtlpMessages.String(value.Text),
        AttributeType.True or AttributeType.False => OtlpMessages.Bool(value.Type == AttributeType.True),
        AttributeType.Int64 => OtlpMessages.Int(value.Int64),
        AttributeType.Double => OtlpMessages.Real(value.Double),
        AttributeType.Bytes => OtlpMessages.Bytes(value.Bytes),
        AttributeType.Array => OtlpMessages.Array([.. value.Items.Select(Value)]),
        AttributeType.Map => OtlpMessages.Map([.. value.Entries.Select(entry => (entry.Key, Value(entry.Value)))]),
        _ => new ProtoMessage(),
    };

    private static object Object(Span span) => new
    {
        traceId = span.TraceId.ToHex32(), spanId = span.Id.ToString().ToUpperInvariant(), parentSpanId = span.ParentId.IsZero ? "" : span.ParentId.ToString(),
        traceState = span.TraceState, name = span.Name, kind = (int)span.Kind, startTimeUnixNano = Number(span.StartNs),
        endTimeUnixNano = Number(span.StartNs + (ulong)span.DurationNs), attributes = Objects(span.Attributes), droppedAttributesCount = span.DroppedAttributes,
        events = span.Events.Select(e => new { timeUnixNano = Number(e.TimeNs), name = e.Name, attributes = Objects(e.Attributes), droppedAttributesCount = e.DroppedAttributes }),
        droppedEventsCount = span.DroppedEvents,
        links = span.Links.Select(link => new
        {
            traceId = link.TraceId.ToHex32(), spanId = link.SpanId.ToString(), traceState = link.TraceState, attributes = Objects(link.Attributes),
            droppedAttributesCount = link.DroppedAttributes, flags = link.Flags,
        }),
        droppedLinksCount = span.DroppedLinks, status = new { message = span.StatusMessage, code = (int)span.Status }, flags = span.Flags,
    };

    private static IEnumerable<object> Objects(IEnumerable<SpanAttribute> attributes) =>
        attributes.Select(attribute => new { key = attribute.Key, value = Object(attribute.Value) });

    private static object Object(AttributeValue value) => value.Type switch
    {
        AttributeType.String => new { stringValue = value.Text },
        AttributeType.True or AttributeType.False => new { boolValue = value.Type == AttributeType.True },
        AttributeType.Int64 => new { intValue = Number(value.Int64) },
        AttributeType.Double => new { doubleValue = double.IsFinite(value.Double) ? (object)value.Double : value.Double.ToString(CultureInfo.InvariantCulture) },
        AttributeType.Bytes => new { bytesValue = Convert.ToBase64String(value.Bytes) },
        AttributeType.Array => new { arrayValue = new { values = value.Items.Select(Object) } },
        AttributeType.Map => new { kvlistValue = new { values = Objects(value.Entries) } },
        _ => new { },
    };

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
