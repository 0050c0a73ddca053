using System.Runtime.CompilerServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>
/// The spans of one request, flat: every decoder fills one in a single pass over its bytes, and
/// the frame writer turns it into frames. It keeps its memory between requests, holds no object per span, and
/// is used by one request at a time.
/// </summary>
/// <remarks>
/// A decoder interns texts, adds a resource, then spans: <c>ref var span = ref batch.AddSpan()</c> (the reference holds
/// until the next <see cref="AddSpan"/>), whose lists it fills with <see cref="AddInt64"/> and its siblings.
/// </remarks>
public sealed class SpanBatch
{
    private const int LargestKeptItems = 1 << 16;

    private readonly TextTable _texts = new();
    private readonly ItemPool<SpanEntry> _spans = new("spans");
    private readonly ItemPool<AttributeItem> _attributes = new("attributes");
    private readonly ItemPool<EventItem> _events = new("events");
    private readonly ItemPool<LinkItem> _links = new("links");
    private readonly ItemPool<ResourceItem> _resources = new("resources");
    private readonly ItemPool<ScopeItem> _scopes = new("scopes");
    private readonly ItemPool<EndpointItem> _endpoints = new("endpoints");
    private readonly ItemPool<(int Resource, int Spans)> _rejected = new();
    private readonly Dictionary<EndpointItem, int> _endpointIds = new(EndpointComparer.Instance);
    private readonly Dictionary<EndpointItem, int> _endpointResources = new(EndpointComparer.Instance);

    /// <summary>The protocol that the spans came by.</summary>
    public SpanProtocol Protocol { get; private set; }

    /// <summary>How many spans there are.</summary>
    public int SpanCount => _spans.Count;

    internal TextTable Texts => _texts;

    internal ItemPool<SpanEntry> Spans => _spans;

    internal ItemPool<AttributeItem> Attributes => _attributes;

    internal ItemPool<EventItem> Events => _events;

    internal ItemPool<LinkItem> Links => _links;

    internal ItemPool<ResourceItem> Resources => _resources;

    internal ItemPool<ScopeItem> Scopes => _scopes;

    internal ItemPool<EndpointItem> Endpoints => _endpoints;

    internal ItemPool<(int Resource, int Spans)> Rejected => _rejected;

    /// <summary>Empties the batch for another request.</summary>
    public void Reset(SpanProtocol protocol)
    {
        Protocol = protocol;
        _texts.Reset();
        _spans.Reset(LargestKeptItems);
        _attributes.Reset(LargestKeptItems);
        _events.Reset(LargestKeptItems);
        _links.Reset(LargestKeptItems);
        _resources.Reset(LargestKeptItems);
        _scopes.Reset(LargestKeptItems);
        _endpoints.Reset(LargestKeptItems);
        _rejected.Reset(LargestKeptItems);
        Clear(_endpointIds);
        Clear(_endpointResources);
    }

    /// <summary>Bounds what one request may take: whatever goes over it throws <see cref="BatchFullException"/>.</summary>
    internal void Limit(int attributes, int events, int links, int texts, int endpoints, int resources)
    {
        _attributes.Limit(attributes);
        _events.Limit(events);
        _links.Limit(links);
        _texts.Limit(texts);
        _resources.Limit(resources);
        _scopes.Limit(resources);
        _endpoints.Limit(endpoints);
    }

    /// <summary>The id of a byte string that need not be text (bytes, nested values); 0 for the empty one.</summary>
    public int Intern(ReadOnlySpan<byte> bytes) => _texts.Add(bytes);

    /// <summary>The id of a text, 0 for the empty one; false where the bytes are not valid UTF-8.</summary>
    public bool TryInternText(ReadOnlySpan<byte> utf8, out int id) => _texts.TryAddUtf8(utf8, out id);

    /// <summary>The bytes of an interned text; they hold until the next one is interned.</summary>
    public ReadOnlySpan<byte> Text(int id) => _texts[id];

    /// <summary>Adds a span to fill in; the reference holds until the next call.</summary>
    public ref SpanEntry AddSpan() => ref _spans.Add();

    /// <summary>A span added before.</summary>
    public ref SpanEntry Span(int index) => ref _spans[index];

    /// <summary>Takes back the span added last, because it turned out to be malformed.</summary>
    public void RemoveLastSpan() => _spans.TruncateTo(_spans.Count - 1);

    /// <summary>Notes whose spans were taken back.</summary>
    public void AddRejected(int resource, int spans)
    {
        if (spans > 0)
            _rejected.Add() = (resource, spans);
    }

    /// <summary>Adds a resource, to be filled in with <see cref="SetResource"/> at any time before the frames are written.</summary>
    /// <returns>The number for <see cref="SpanEntry.Resource"/>.</returns>
    public int AddResource()
    {
        _resources.Add();
        return _resources.Count - 1;
    }

    /// <summary>Fills in a resource; <paramref name="serviceName"/> and <paramref name="schemaUrl"/> are text ids.</summary>
    public void SetResource(int resource, int serviceName, in ItemList attributes, uint droppedAttributes = 0, int schemaUrl = 0)
    {
        ref var item = ref _resources[resource];
        item.ServiceName = serviceName;
        item.Attributes = attributes;
        item.DroppedAttributes = droppedAttributes;
        item.SchemaUrl = schemaUrl;
    }

    /// <summary>
    /// The resource of a Zipkin local endpoint, the same for equal endpoints: its service name becomes the attribute
    /// <c>service.name</c>, its address is kept as it is.
    /// </summary>
    /// <param name="serviceNameKey">The text id of <c>service.name</c>.</param>
    /// <param name="serviceName">The text id of the service's name, or 0.</param>
    /// <param name="ipv4">The address in host byte order, or null.</param>
    /// <param name="ipv6">The address in host byte order, or null.</param>
    /// <param name="port">The port, or 0.</param>
    public int AddEndpointResource(int serviceNameKey, int serviceName, uint? ipv4, UInt128? ipv6, ushort port)
    {
        var endpoint = new EndpointItem(serviceName, ipv4, ipv6, port);
        if (_endpointResources.TryGetValue(endpoint, out var resource))
            return resource;
        resource = AddResource();
        var attributes = default(ItemList);
        if (serviceName != 0)
            AddString(ref attributes, serviceNameKey, serviceName);
        SetResource(resource, serviceName, attributes);
        if (ipv4 is not null || ipv6 is not null || port != 0)
            _resources[resource].LocalEndpoint = AddEndpoint(serviceName, ipv4, ipv6, port);
        _endpointResources.Add(endpoint, resource);
        return resource;
    }

    /// <summary>Adds a scope, to be filled in with <see cref="SetScope"/>.</summary>
    /// <returns>The number for <see cref="SpanEntry.Scope"/>, never 0.</returns>
    public int AddScope()
    {
        _scopes.Add();
        return _scopes.Count;
    }

    /// <summary>Fills in a scope; name, version and schema are text ids.</summary>
    public void SetScope(int scope, int name, int version, in ItemList attributes, uint droppedAttributes = 0, int schemaUrl = 0)
    {
        ref var item = ref _scopes[scope - 1];
        item.Name = name;
        item.Version = version;
        item.Attributes = attributes;
        item.DroppedAttributes = droppedAttributes;
        item.SchemaUrl = schemaUrl;
    }

    /// <summary>Adds an endpoint, the same for equal ones.</summary>
    /// <returns>The number for <see cref="SpanEntry.RemoteEndpoint"/>, never 0.</returns>
    public int AddEndpoint(int serviceName, uint? ipv4, UInt128? ipv6, ushort port)
    {
        var endpoint = new EndpointItem(serviceName, ipv4, ipv6, port);
        if (_endpointIds.TryGetValue(endpoint, out var id))
            return id;
        _endpoints.Add() = endpoint;
        _endpointIds.Add(endpoint, _endpoints.Count);
        return _endpoints.Count;
    }

    /// <summary>Adds an attribute with a text value; key and value are text ids.</summary>
    public void AddString(ref ItemList list, int key, int text) => Add(ref list, key, AttributeType.String, text);

    /// <summary>Adds an attribute with a boolean value.</summary>
    public void AddBoolean(ref ItemList list, int key, bool value) =>
        Add(ref list, key, value ? AttributeType.True : AttributeType.False, 0);

    /// <summary>Adds an attribute with an integer value.</summary>
    public void AddInt64(ref ItemList list, int key, long value) => Add(ref list, key, AttributeType.Int64, value);

    /// <summary>Adds an attribute with a floating-point value.</summary>
    public void AddDouble(ref ItemList list, int key, double value) =>
        Add(ref list, key, AttributeType.Double, BitConverter.DoubleToInt64Bits(value));

    /// <summary>Adds an attribute without a value.</summary>
    public void AddEmpty(ref ItemList list, int key) => Add(ref list, key, AttributeType.Empty, 0);

    /// <summary>
    /// Adds an attribute whose value is interned bytes: <see cref="AttributeType.Bytes"/> as they are, or a list or map
    /// in the encoding of <see cref="NestedValueWriter"/>.
    /// </summary>
    public void AddEncoded(ref ItemList list, int key, AttributeType type, int bytes) => Add(ref list, key, type, bytes);

    /// <summary>Puts all attributes of one list behind another; which is not to be changed afterwards.</summary>
    public void Append(ref ItemList list, in ItemList more)
    {
        if (more.First == 0)
            return;
        if (list.Last != 0)
            _attributes[list.Last - 1].Next = more.First;
        else
            list.First = more.First;
        list.Last = more.Last;
        list.Count += more.Count;
    }

    /// <summary>Adds an event; the name is a text id.</summary>
    public void AddEvent(ref ItemList list, ulong timeNs, int name, in ItemList attributes, uint droppedAttributes = 0)
    {
        ref var item = ref _events.Add();
        item.TimeNs = timeNs;
        item.Name = name;
        item.Attributes = attributes;
        item.DroppedAttributes = droppedAttributes;
        if (list.Last != 0)
            _events[list.Last - 1].Next = _events.Count;
        Append(ref list, _events.Count);
    }

    /// <summary>Adds a link; the trace state is a text id.</summary>
    public void AddLink(
        ref ItemList list, TraceId traceId, ulong spanId, int traceState, in ItemList attributes, uint droppedAttributes = 0, uint flags = 0)
    {
        ref var item = ref _links.Add();
        item.TraceHigh = traceId.High;
        item.TraceLow = traceId.Low;
        item.SpanId = spanId;
        item.TraceState = traceState;
        item.Attributes = attributes;
        item.DroppedAttributes = droppedAttributes;
        item.Flags = flags;
        if (list.Last != 0)
            _links[list.Last - 1].Next = _links.Count;
        Append(ref list, _links.Count);
    }

    /// <summary>Adds an attribute: a number's bits, or the id of interned bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(ref ItemList list, int key, AttributeType type, long bits)
    {
        ref var item = ref _attributes.Add();
        item.Key = key;
        item.Type = type;
        item.Bits = bits;
        if (list.Last != 0)
            _attributes[list.Last - 1].Next = _attributes.Count;
        Append(ref list, _attributes.Count);
    }

    private static void Clear(Dictionary<EndpointItem, int> ids)
    {
        ids.Clear();
        if (ids.Capacity > LargestKeptItems)
            ids.TrimExcess();
    }

    private static void Append(ref ItemList list, int item)
    {
        if (list.First == 0)
            list.First = item;
        list.Last = item;
        list.Count++;
    }
}
