using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>An attribute in a batch: number, or text id for texts, bytes and nested values.</summary>
internal struct AttributeItem
{
    public int Next;
    public int Key;
    public long Bits;
    public AttributeType Type;
}

/// <summary>An event in a batch.</summary>
internal struct EventItem
{
    public int Next;
    public int Name;
    public ulong TimeNs;
    public ItemList Attributes;
    public uint DroppedAttributes;
}

/// <summary>A link in a batch.</summary>
internal struct LinkItem
{
    public int Next;
    public int TraceState;
    public ulong TraceHigh;
    public ulong TraceLow;
    public ulong SpanId;
    public ItemList Attributes;
    public uint DroppedAttributes;
    public uint Flags;
}

/// <summary>A resource in a batch; its endpoint is an index plus one, or 0.</summary>
internal struct ResourceItem
{
    public int ServiceName;
    public int SchemaUrl;
    public int LocalEndpoint;
    public ItemList Attributes;
    public uint DroppedAttributes;
}

/// <summary>A scope in a batch.</summary>
internal struct ScopeItem
{
    public int Name;
    public int Version;
    public int SchemaUrl;
    public ItemList Attributes;
    public uint DroppedAttributes;
}

/// <summary>An endpoint in a batch.</summary>
internal readonly record struct EndpointItem(int ServiceName, uint? Ipv4, UInt128? Ipv6, ushort Port);
