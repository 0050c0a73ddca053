using System.Runtime.InteropServices;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// A span of v1 while a decoder reads it: the hosts that took part are named by its annotations, not by itself. Times are in
/// microseconds, texts and endpoints are those of the batch. One instance is filled again and again.
/// </summary>
internal sealed class ZipkinV1Span
{
    private const int LargestKept = 1 << 12;

    public ulong TraceHigh;
    public ulong TraceLow;
    public ulong Id;
    public ulong ParentId;
    public int Name;
    public long Timestamp;
    public long Duration;
    public bool IsDebug;

    // Most annotations of a span, and most spans of a sender, have the same endpoint.
    private EndpointItem _lastEndpoint;
    private int _lastEndpointId;

    public ItemPool<Annotation> Annotations { get; } = new();

    public ItemPool<BinaryAnnotation> BinaryAnnotations { get; } = new();

    /// <summary>Begins a body.</summary>
    public void Begin()
    {
        _lastEndpoint = default;
        _lastEndpointId = 0;
    }

    /// <summary>Begins a span.</summary>
    public void Reset()
    {
        TraceHigh = TraceLow = Id = ParentId = 0;
        Name = 0;
        Timestamp = Duration = 0;
        IsDebug = false;
        Annotations.Reset(LargestKept);
        BinaryAnnotations.Reset(LargestKept);
    }

    /// <summary>What is wrong with the ids, or null.</summary>
    public string? MissingIds => ZipkinDecodeContext.MissingIds(TraceHigh | TraceLow, Id);

    /// <summary>Adds an annotation.</summary>
    public void AddAnnotation(long timestamp, int value, ZipkinV1Core core, int endpoint) =>
        Annotations.Add() = new Annotation(timestamp, value, core, endpoint, Annotations.Count);

    /// <summary>The batch's number of an endpoint, or 0 where it says nothing.</summary>
    public int IdOf(SpanBatch batch, in EndpointItem endpoint)
    {
        if (endpoint != _lastEndpoint)
        {
            _lastEndpoint = endpoint;
            _lastEndpointId = endpoint == default ? 0 : batch.AddEndpoint(endpoint.ServiceName, endpoint.Ipv4, endpoint.Ipv6, endpoint.Port);
        }

        return _lastEndpointId;
    }

    /// <summary>Something that happened at a host.</summary>
    /// <param name="Timestamp">When.</param>
    /// <param name="Value">What, as a text id.</param>
    /// <param name="Core">Its meaning.</param>
    /// <param name="Endpoint">The host, or 0.</param>
    /// <param name="Order">Its place among the span's annotations.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Annotation(long Timestamp, int Value, ZipkinV1Core Core, int Endpoint, int Order);

    /// <summary>A tag that a host set, or the address of a host.</summary>
    [StructLayout(LayoutKind.Auto)]
    public struct BinaryAnnotation
    {
        /// <summary>The key, as a text id.</summary>
        public int Key;

        /// <summary>The key's meaning.</summary>
        public ZipkinV1Key Meaning;

        /// <summary>The value's type.</summary>
        public AttributeType Type;

        /// <summary>The value, as in a batch's attribute.</summary>
        public long Bits;

        /// <summary>The host, or 0.</summary>
        public int Endpoint;

        /// <summary>The next one of the same part of the span plus one, or 0; the converter's.</summary>
        public int Next;
    }
}
