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
    /// <summary>How many annotations, and how many binary ones, a span may have: they are held until it ends.</summary>
    public const int MostAnnotations = 1 << 16;

    private const int LargestKept = 1 << 12;

    public ulong TraceHigh;
    public ulong TraceLow;
    public ulong Id;
    public ulong ParentId;
    public int Name;
    public long Timestamp;
    public long Duration;
    public bool IsDebug;

    // The bytes of the endpoint read last: most annotations of a span, and most spans of a sender, have the same.
    private int _endpointStart;
    private int _endpointLength;
    private int _endpoint;

    public ItemPool<Annotation> Annotations { get; } = new();

    public ItemPool<BinaryAnnotation> BinaryAnnotations { get; } = new();

    /// <summary>Begins a body.</summary>
    public void Begin()
    {
        _endpointLength = 0;
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

    /// <summary>The reason for which a span with more annotations is refused.</summary>
    public static string TooManyAnnotations => $"more than {MostAnnotations} annotations in one span";

    /// <summary>What is wrong with the ids, or null.</summary>
    public string? MissingIds => ZipkinDecodeContext.MissingIds(TraceHigh | TraceLow, Id);

    /// <summary>Adds an annotation.</summary>
    public void AddAnnotation(long timestamp, int value, ZipkinV1Core core, int endpoint) =>
        Annotations.Add() = new Annotation(timestamp, value, core, endpoint, Annotations.Count);

    /// <summary>True where the body has at this place the bytes of the endpoint read last: it need not be read again.</summary>
    public bool IsLastEndpoint(ReadOnlySpan<byte> body, int start, out int endpoint)
    {
        endpoint = _endpoint;
        return _endpointLength != 0 && body[start..].StartsWith(body.Slice(_endpointStart, _endpointLength));
    }

    /// <summary>The batch's number of an endpoint that has been read, or 0 where it says nothing.</summary>
    public int AddEndpoint(ZipkinDecodeContext context, in EndpointItem endpoint, int start, int end)
    {
        _endpoint = endpoint == default ? 0 : context.Batch.AddEndpoint(endpoint.ServiceName, endpoint.Ipv4, endpoint.Ipv6, endpoint.Port);
        _endpointStart = start;
        // What has been cut must be noticed again.
        _endpointLength = context.Cut != 0 ? 0 : end - start;
        return _endpoint;
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
