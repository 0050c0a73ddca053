using System.Text;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>Makes <see cref="Span"/> objects of the frame that a reader has gone to, one at a time. Good until the reader goes to another.</summary>
internal sealed class FrameSpans
{
    private readonly FrameReader _reader;
    private readonly string?[] _texts;
    private readonly Resource[] _resources;
    private readonly InstrumentationScope[] _scopes;
    private readonly Endpoint[] _endpoints;

    public FrameSpans(FrameReader reader)
    {
        _reader = reader;
        _texts = new string?[reader.TextCount];
        _endpoints = [.. Enumerable.Range(1, reader.EndpointCount).Select(number => Endpoint(reader.Endpoint(number)))];
        _resources = [.. Enumerable.Range(0, reader.ResourceCount).Select(index => Resource(reader.Resource(index)))];
        _scopes = [.. Enumerable.Range(1, reader.ScopeCount).Select(number => Scope(reader.Scope(number)))];
    }

    /// <summary>The next span of the frame; null after the last one.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public Span? Read()
    {
        if (!_reader.ReadSpan(out var span))
            return null;
        return new Span
        {
            TraceId = _reader.TraceId,
            Id = new SpanId(span.Id),
            ParentId = new SpanId(span.ParentId),
            Kind = span.Kind,
            Name = Text(span.Name),
            StartNs = span.StartNs,
            DurationNs = span.DurationNs,
            Status = span.Status,
            StatusMessage = Text(span.StatusMessage),
            Flags = span.Flags,
            TraceState = Text(span.TraceState),
            Resource = _resources[span.Resource],
            Scope = span.Scope == 0 ? null : _scopes[span.Scope - 1],
            Attributes = Attributes(span.Attributes),
            Events = Events(),
            Links = Links(),
            DroppedAttributes = span.DroppedAttributes,
            DroppedEvents = span.DroppedEvents,
            DroppedLinks = span.DroppedLinks,
            RemoteEndpoint = span.RemoteEndpoint == 0 ? null : _endpoints[span.RemoteEndpoint - 1],
            Marks = span.Marks,
            Protocol = _reader.Protocol,
        };
    }

    private string Text(int id) => id == 0 ? "" : _texts[id] ??= Encoding.UTF8.GetString(_reader.Text(id));

    private Endpoint Endpoint(FrameEndpoint endpoint) =>
        new(Text(endpoint.ServiceName), endpoint.Ipv4, endpoint.Ipv6, endpoint.Port);

    private Resource Resource(FrameResource resource) => new()
    {
        ServiceName = Text(resource.ServiceName),
        SchemaUrl = Text(resource.SchemaUrl),
        Attributes = Attributes(resource.Attributes),
        DroppedAttributes = resource.DroppedAttributes,
        LocalEndpoint = resource.LocalEndpoint == 0 ? null : _endpoints[resource.LocalEndpoint - 1],
    };

    private InstrumentationScope Scope(FrameScope scope) => new()
    {
        Name = Text(scope.Name),
        Version = Text(scope.Version),
        SchemaUrl = Text(scope.SchemaUrl),
        Attributes = Attributes(scope.Attributes),
        DroppedAttributes = scope.DroppedAttributes,
    };

    private SpanAttribute[] Attributes(AttributeRange range)
    {
        if (range.Count == 0)
            return [];
        var attributes = new SpanAttribute[range.Count];
        for (var i = 0; i < attributes.Length; i++)
        {
            var attribute = _reader.Attribute(range, i);
            attributes[i] = new SpanAttribute(Text(attribute.Key), Value(attribute));
        }

        return attributes;
    }

    private AttributeValue Value(FrameAttribute attribute) => attribute.Type switch
    {
        AttributeType.Empty => default,
        AttributeType.True => AttributeValue.Of(true),
        AttributeType.False => AttributeValue.Of(false),
        AttributeType.Int64 => AttributeValue.Of(attribute.Bits),
        AttributeType.Double => AttributeValue.Of(BitConverter.Int64BitsToDouble(attribute.Bits)),
        AttributeType.String => AttributeValue.Of(Text((int)attribute.Bits)),
        AttributeType.Bytes => AttributeValue.Of(_reader.Text((int)attribute.Bits).ToArray()),
        _ => NestedValueReader.Read(attribute.Type, _reader.Text((int)attribute.Bits)),
    };

    private SpanEvent[] Events()
    {
        if (_reader.EventCount == 0)
            return [];
        var events = new SpanEvent[_reader.EventCount];
        for (var i = 0; i < events.Length; i++)
        {
            var item = _reader.Event(i);
            events[i] = new SpanEvent(item.TimeNs, Text(item.Name), Attributes(item.Attributes), item.DroppedAttributes);
        }

        return events;
    }

    private SpanLink[] Links()
    {
        if (_reader.LinkCount == 0)
            return [];
        var links = new SpanLink[_reader.LinkCount];
        for (var i = 0; i < links.Length; i++)
        {
            var item = _reader.Link(i);
            links[i] = new SpanLink(
                item.TraceId, new SpanId(item.SpanId), Text(item.TraceState), Attributes(item.Attributes),
                item.DroppedAttributes, item.Flags);
        }

        return links;
    }
}
