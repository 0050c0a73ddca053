using System.Net;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>A run of attributes that a <see cref="FrameReader"/> holds.</summary>
public readonly record struct AttributeRange(int First, int Count);

/// <summary>An attribute as a <see cref="FrameReader"/> reads it.</summary>
/// <param name="Key">The key's text id.</param>
/// <param name="Type">The value's type.</param>
/// <param name="Bits">The number's bits, or the text id of texts, bytes and nested values.</param>
public readonly record struct FrameAttribute(int Key, AttributeType Type, long Bits);

/// <summary>A resource as a <see cref="FrameReader"/> reads it; texts are ids, the endpoint is a number from 1, 0 for none.</summary>
public readonly record struct FrameResource(
    int ServiceName, int SchemaUrl, int LocalEndpoint, uint DroppedAttributes, AttributeRange Attributes);

/// <summary>A scope as a <see cref="FrameReader"/> reads it; texts are ids.</summary>
public readonly record struct FrameScope(int Name, int Version, int SchemaUrl, uint DroppedAttributes, AttributeRange Attributes);

/// <summary>An endpoint as a <see cref="FrameReader"/> reads it; the name is a text id.</summary>
public readonly record struct FrameEndpoint(int ServiceName, IPAddress? Ipv4, IPAddress? Ipv6, int Port);

/// <summary>An event as a <see cref="FrameReader"/> reads it.</summary>
public readonly record struct FrameEvent(ulong TimeNs, int Name, uint DroppedAttributes, AttributeRange Attributes);

/// <summary>A link as a <see cref="FrameReader"/> reads it.</summary>
public readonly record struct FrameLink(
    TraceId TraceId, ulong SpanId, int TraceState, uint Flags, uint DroppedAttributes, AttributeRange Attributes);
