using System.Buffers.Binary;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Zipkin.ZipkinProtobuf;
using Endpoint = Serverless.Tracing.Protocols.Zipkin.ZipkinProtobuf.Endpoint;
using Span = Serverless.Tracing.Protocols.Zipkin.ZipkinProtobuf.Span;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Reads Zipkin's protobuf (<c>zipkin.proto3.ListOfSpans</c>) into a batch in one pass: one bad span refuses the whole list. It
/// keeps its buffers: one instance serves one request at a time.
/// </summary>
/// <remarks>
/// As Zipkin does, it pads short ids and reads an unknown kind as none. Unlike Zipkin it refuses invalid UTF-8 and wrong wire
/// types, and keeps annotations without a time.
/// </remarks>
public sealed class ZipkinProtobufDecoder
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;

    private readonly ZipkinDecodeContext _context = new();

    /// <summary>Adds the spans of a body to a batch that has been reset for <see cref="SpanProtocol.Zipkin"/>.</summary>
    /// <param name="body">The decompressed body; empty is as good as an empty list.</param>
    /// <param name="batch">Takes the spans; after an error it holds a part of them and has to be reset.</param>
    /// <param name="limits">What is cut, counted and marked, and what is refused.</param>
    /// <exception cref="MalformedSpansException">
    /// The body is no list of spans; <see cref="ZipkinErrors.ResponseText"/> is its answer.
    /// </exception>
    public DecodeResult Decode(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits)
    {
        if (ZipkinListFormats.IsEmpty(body))
            return default;
        var reader = new ProtobufReader(body, Schema, limits.MaxDepth);
        if (!ZipkinListFormats.IsList(body))
            reader.FailField(0, ZipkinErrors.Proto3ListExpected);
        if (ZipkinListFormats.IsJson(body))
            reader.FailField(0, "JSON instead of protobuf; send it with Content-Type: application/json");
        _context.Begin(batch, limits);
        try
        {
            for (var spans = 0; reader.TryReadTag(out var tag);)
            {
                if (ProtobufReader.Number(tag) != ListOfSpans.Spans)
                    reader.Skip(tag);
                else if (spans++ < limits.MaxSpans)
                    ReadSpan(ref reader, tag);
                else
                    reader.FailField(reader.FieldOffset, _context.TooManySpans);
            }

            return _context.Result;
        }
        catch (BatchFullException e)
        {
            reader.Fail(reader.FieldOffset, e.Message);
            return default;
        }
        finally
        {
            _context.End();
        }
    }

    private void ReadSpan(ref ProtobufReader reader, uint tag)
    {
        var offset = reader.FieldOffset;
        _context.Cut = 0;
        ref var span = ref _context.BeginSpan();
        var local = default(EndpointItem);
        var remote = default(EndpointItem);
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case Span.TraceId:
                    ReadTraceId(ref reader, tag, ref span);
                    break;
                case Span.ParentId:
                    span.ParentId = ReadId(ref reader, tag, SpanIdBytes, out _);
                    break;
                case Span.Id:
                    span.Id = ReadId(ref reader, tag, SpanIdBytes, out _);
                    break;
                case Span.Kind:
                    span.Kind = KindOf(reader.ReadVarint(tag));
                    break;
                case Span.Name:
                    span.Name = ReadLowerName(ref reader, tag);
                    break;
                case Span.Timestamp:
                    _context.SetStart(ref span, Micros(reader.ReadFixed64(tag)));
                    break;
                case Span.Duration:
                    _context.SetDuration(ref span, Micros(reader.ReadVarint(tag)));
                    break;
                case Span.LocalEndpoint:
                    ReadEndpoint(ref reader, tag, ref local);
                    break;
                case Span.RemoteEndpoint:
                    ReadEndpoint(ref reader, tag, ref remote);
                    break;
                case Span.Annotations:
                    ReadAnnotation(ref reader, tag, ref span);
                    break;
                case Span.Tags:
                    ReadTag(ref reader, tag, ref span);
                    break;
                case Span.Debug:
                    ZipkinDecodeContext.Mark(ref span, SpanMarks.Debug, reader.ReadVarint(tag) != 0);
                    break;
                case Span.Shared:
                    ZipkinDecodeContext.Mark(ref span, SpanMarks.Shared, reader.ReadVarint(tag) != 0);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        if (ZipkinDecodeContext.MissingIds(span) is { } missing)
            reader.FailField(offset, missing);
        _context.Complete(ref span, local, remote);
    }

    private void ReadEndpoint(ref ProtobufReader reader, uint tag, ref EndpointItem endpoint)
    {
        var (serviceName, ipv4, ipv6, port) = endpoint;
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case Endpoint.ServiceName:
                    serviceName = ReadLowerName(ref reader, tag);
                    break;
                case Endpoint.Ipv4 or Endpoint.Ipv6:
                    IpBytes.Read(reader.ReadBytes(tag), ref ipv4, ref ipv6);
                    break;
                case Endpoint.Port:
                    port = ReadPort(ref reader, tag);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        endpoint = new EndpointItem(serviceName, ipv4, ipv6, port);
    }

    private void ReadAnnotation(ref ProtobufReader reader, uint tag, ref SpanEntry span)
    {
        long micros = 0;
        var value = 0;
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case Annotation.Timestamp:
                    micros = Micros(reader.ReadFixed64(tag));
                    break;
                case Annotation.Value:
                    value = ReadText(ref reader, tag, _context.Limits.MaxValueBytes);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        if (micros != 0 || value != 0)
            _context.AddEvent(ref span.Events, ref span.DroppedEvents, micros, value);
    }

    private void ReadTag(ref ProtobufReader reader, uint tag, ref SpanEntry span)
    {
        var key = 0;
        var value = 0;
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case Tag.Key:
                    key = ReadText(ref reader, tag, _context.Limits.MaxNameBytes);
                    break;
                case Tag.Value:
                    value = ReadText(ref reader, tag, _context.Limits.MaxValueBytes);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        if (key != 0 || value != 0)
            _context.Tags.Add(ref span, key, value);
    }

    private int ReadText(ref ProtobufReader reader, uint tag, int longest)
    {
        var utf8 = reader.ReadBytes(tag);
        if (!_context.TryIntern(utf8, longest, out var id))
            reader.FailUtf8(utf8);
        return id;
    }

    private int ReadLowerName(ref ProtobufReader reader, uint tag)
    {
        var utf8 = reader.ReadBytes(tag);
        if (!_context.TryInternLower(utf8, out var id))
            reader.FailUtf8(utf8);
        return id;
    }

    private static void ReadTraceId(ref ProtobufReader reader, uint tag, ref SpanEntry span) =>
        span.TraceLow = ReadId(ref reader, tag, TraceIdBytes, out span.TraceHigh);

    /// <summary>Reads an id, big-endian; a short one lacks its leading zeros. Zero, and none, is 0.</summary>
    private static ulong ReadId(ref ProtobufReader reader, uint tag, int longest, out ulong high)
    {
        var bytes = reader.ReadBytes(tag);
        high = 0;
        if (bytes.Length == sizeof(ulong))
            return BinaryPrimitives.ReadUInt64BigEndian(bytes);
        if (bytes.Length > longest)
            reader.Fail(reader.FieldOffset, $"{bytes.Length} bytes; an id of up to {longest} bytes expected");
        ulong low = 0;
        foreach (var next in bytes)
        {
            high = (high << 8) | (low >> 56);
            low = (low << 8) | next;
        }

        return low;
    }

    private static ushort ReadPort(ref ProtobufReader reader, uint tag)
    {
        var port = (int)reader.ReadVarint(tag);
        if (port > ushort.MaxValue)
            reader.Fail(reader.FieldOffset, $"invalid port {port}");
        return (ushort)Math.Max(port, 0);
    }

    // What has the highest bit is cut as too far off, rather than read as negative.
    private static long Micros(ulong value) => (long)Math.Min(value, long.MaxValue);

    private static SpanKind KindOf(ulong kind) => kind switch
    {
        Kind.Client => SpanKind.Client,
        Kind.Server => SpanKind.Server,
        Kind.Producer => SpanKind.Producer,
        Kind.Consumer => SpanKind.Consumer,
        _ => SpanKind.Unspecified,
    };
}
