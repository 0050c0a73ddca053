using System.Text;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>Makes <see cref="Span"/> objects of the frame that a reader has gone to, one at a time. Good until the reader goes to another.</summary>
internal sealed class FrameSpans
{
    private readonly FrameReader _reader;
    private readonly ModelPool? _pool;
    private string?[] _texts = [];
    private Endpoint[] _endpoints = [];
    private Resource[] _resources = [];
    private InstrumentationScope[] _scopes = [];
    private SpanAttribute[] _gathered = [];

    // Per text of the frame whether attributes with it as their key are part of an outline; default where that was not asked yet.
    private bool?[]? _isOutlined;

    // Per shape of the frame which of its spans' attributes those are; null where that was not asked yet.
    private int[]?[] _outlinedOfShapes = [];

    /// <param name="reader">The reader, which stands at a frame.</param>
    /// <param name="pool">What spans share with those of other frames; null to share nothing.</param>
    public FrameSpans(FrameReader reader, ModelPool? pool = null)
    {
        _reader = reader;
        _pool = pool;
        Begin();
    }

    /// <summary>Begins anew with the frame that the reader has gone to.</summary>
    public void Begin()
    {
        _isOutlined = null;
        Array.Clear(_outlinedOfShapes);
        Reserve(ref _texts, _reader.TextCount);
        Array.Clear(_texts, 0, _reader.TextCount);
        Reserve(ref _endpoints, _reader.EndpointCount);
        for (var i = 0; i < _reader.EndpointCount; i++)
            _endpoints[i] = Endpoint(_reader.Endpoint(i + 1));
        Reserve(ref _resources, _reader.ResourceCount);
        for (var i = 0; i < _reader.ResourceCount; i++)
            _resources[i] = Resource(_reader.Resource(i));
        Reserve(ref _scopes, _reader.ScopeCount);
        for (var i = 0; i < _reader.ScopeCount; i++)
            _scopes[i] = Scope(_reader.Scope(i + 1));
    }

    /// <summary>The next span of the frame; null after the last one.</summary>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public Span? Read() => Read(null);

    /// <summary>
    /// The next span of the frame without what only those look at who show it: no events, scope or words about its status, and of its attributes and its
    /// links' only those of some keys; null after the last one.
    /// </summary>
    /// <param name="keys">The keys, always the same ones for a frame.</param>
    /// <exception cref="FrameFormatException">The bytes are damaged.</exception>
    public Span? ReadOutline(IReadOnlySet<string> keys)
    {
        _isOutlined ??= new bool?[_reader.TextCount];
        return Read(keys);
    }

    private Span? Read(IReadOnlySet<string>? outlined)
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
            StatusMessage = outlined is null ? Text(span.StatusMessage) : "",
            Flags = span.Flags,
            TraceState = Text(span.TraceState),
            Resource = _resources[span.Resource],
            Scope = outlined is null && span.Scope != 0 ? _scopes[span.Scope - 1] : null,
            Attributes = outlined is null ? Attributes(span.Attributes) : OutlinedOfShape(span, outlined),
            Events = outlined is null ? Events() : [],
            Links = outlined is null ? Links() : OutlinedLinks(outlined),
            DroppedAttributes = span.DroppedAttributes,
            DroppedEvents = span.DroppedEvents,
            DroppedLinks = span.DroppedLinks,
            RemoteEndpoint = span.RemoteEndpoint == 0 ? null : _endpoints[span.RemoteEndpoint - 1],
            Marks = span.Marks,
            Protocol = _reader.Protocol,
        };
    }

    private string Text(int id) => id == 0 ? "" : _texts[id] ??= Read(id, _pool is not null && _reader.IsRepeated(id));

    // Also what looks like an id repeats where it is of what made the spans.
    private string OriginText(int id) => id == 0 ? "" : _texts[id] ??= Read(id, _pool is not null);

    private string Read(int id, bool isPooled) => isPooled ? _pool!.Text(_reader.Text(id)) : Encoding.UTF8.GetString(_reader.Text(id));

    private Endpoint Endpoint(FrameEndpoint endpoint) =>
        new(OriginText(endpoint.ServiceName), endpoint.Ipv4, endpoint.Ipv6, endpoint.Port);

    private Resource Resource(FrameResource resource)
    {
        var service = OriginText(resource.ServiceName);
        var schemaUrl = OriginText(resource.SchemaUrl);
        var endpoint = resource.LocalEndpoint == 0 ? null : _endpoints[resource.LocalEndpoint - 1];
        if (_pool is not null)
            return _pool.Resource(service, schemaUrl, endpoint, resource.DroppedAttributes, OriginAttributes(resource.Attributes));
        return new Resource
        {
            ServiceName = service,
            SchemaUrl = schemaUrl,
            LocalEndpoint = endpoint,
            DroppedAttributes = resource.DroppedAttributes,
            Attributes = Attributes(resource.Attributes),
        };
    }

    private InstrumentationScope Scope(FrameScope scope)
    {
        var (name, version, schemaUrl) = (OriginText(scope.Name), OriginText(scope.Version), OriginText(scope.SchemaUrl));
        if (_pool is not null)
            return _pool.Scope(name, version, schemaUrl, scope.DroppedAttributes, OriginAttributes(scope.Attributes));
        return new InstrumentationScope
        {
            Name = name,
            Version = version,
            SchemaUrl = schemaUrl,
            DroppedAttributes = scope.DroppedAttributes,
            Attributes = Attributes(scope.Attributes),
        };
    }

    // Good until the next.
    private ReadOnlySpan<SpanAttribute> OriginAttributes(AttributeRange range)
    {
        Reserve(ref _gathered, range.Count);
        for (var i = 0; i < range.Count; i++)
        {
            var attribute = _reader.Attribute(range, i);
            var value = attribute.Type == AttributeType.String ? AttributeValue.Of(OriginText((int)attribute.Bits)) : Value(attribute);
            _gathered[i] = new SpanAttribute(OriginText(attribute.Key), value);
        }

        return _gathered.AsSpan(0, range.Count);
    }

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

    // Spans of one shape have the same keys, of which mostly none counts.
    private SpanAttribute[] OutlinedOfShape(in FrameSpan span, IReadOnlySet<string> keys)
    {
        Extend(ref _outlinedOfShapes, span.Shape + 1);
        var places = _outlinedOfShapes[span.Shape] ??= PlacesOf(span.Attributes, keys);
        if (places.Length == 0)
            return [];
        var attributes = new SpanAttribute[places.Length];
        for (var i = 0; i < places.Length; i++)
        {
            var attribute = _reader.Attribute(span.Attributes, places[i]);
            attributes[i] = new SpanAttribute(Text(attribute.Key), Value(attribute));
        }

        return attributes;
    }

    private int[] PlacesOf(AttributeRange range, IReadOnlySet<string> keys) =>
        [.. Enumerable.Range(0, range.Count).Where(i => IsOutlined(_reader.Attribute(range, i).Key, keys))];

    private bool IsOutlined(int key, IReadOnlySet<string> keys) => _isOutlined![key] ??= keys.Contains(Text(key));

    private SpanAttribute[] OutlinedAttributes(AttributeRange range, IReadOnlySet<string> keys)
    {
        var count = 0;
        for (var i = 0; i < range.Count; i++)
        {
            var attribute = _reader.Attribute(range, i);
            if (!IsOutlined(attribute.Key, keys))
                continue;
            Reserve(ref _gathered, range.Count);
            _gathered[count++] = new SpanAttribute(Text(attribute.Key), Value(attribute));
        }

        return _gathered.AsSpan(0, count).ToArray();
    }

    private SpanLink[] OutlinedLinks(IReadOnlySet<string> keys)
    {
        if (_reader.LinkCount == 0)
            return [];
        var links = new SpanLink[_reader.LinkCount];
        for (var i = 0; i < links.Length; i++)
        {
            var item = _reader.Link(i);
            links[i] = new SpanLink(item.TraceId, new SpanId(item.SpanId), "", OutlinedAttributes(item.Attributes, keys), 0, 0);
        }

        return links;
    }

    private static void Extend<T>(ref T[] items, int count)
    {
        if (items.Length < count)
            Array.Resize(ref items, Math.Max(count, items.Length * 2));
    }

    private static void Reserve<T>(ref T[] items, int count)
    {
        if (items.Length < count)
            items = new T[Math.Max(count, items.Length * 2)];
    }
}
