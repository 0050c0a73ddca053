using System.Globalization;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Thrift;
using static Serverless.Tracing.Protocols.Zipkin.ZipkinThrift;
using Endpoint = Serverless.Tracing.Protocols.Zipkin.ZipkinThrift.Endpoint;
using Span = Serverless.Tracing.Protocols.Zipkin.ZipkinThrift.Span;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Reads Zipkin's thrift (a list of <c>zipkinCore.Span</c> in the binary protocol) into a batch in one pass, by the rules of Zipkin's
/// V1ThriftSpanReader and V1SpanConverter: one bad span refuses the whole list. It keeps its buffers: one instance serves one
/// request at a time.
/// </summary>
/// <remarks>
/// As Zipkin does, it passes over a field that has another type than it should. Unlike Zipkin it refuses invalid UTF-8 and
/// anything after the list, and keeps annotations without a time and binary annotations of all types.
/// </remarks>
public sealed class ZipkinThriftDecoder
{
    private readonly ZipkinDecodeContext _context = new();
    private readonly ZipkinV1Span _span = new();
    private readonly ZipkinV1Converter _converter;

    /// <summary>A decoder that has read nothing yet.</summary>
    public ZipkinThriftDecoder() => _converter = new ZipkinV1Converter(_context);

    /// <summary>Adds the spans of a body to a batch that has been reset for <see cref="SpanProtocol.Zipkin"/>.</summary>
    /// <param name="body">The decompressed body; empty is as good as an empty list.</param>
    /// <param name="batch">Takes the spans; after an error it holds a part of them and has to be reset.</param>
    /// <param name="limits">What is cut, counted and marked, and what is refused.</param>
    /// <returns>How many spans were taken: a span that two services share is two.</returns>
    /// <exception cref="MalformedSpansException">
    /// The body is no list of spans; <see cref="ZipkinErrors.ResponseText"/> is its answer.
    /// </exception>
    public DecodeResult Decode(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits)
    {
        if (ZipkinListFormats.IsEmpty(body))
            return default;
        if (!ZipkinListFormats.IsList(body))
            throw new MalformedSpansException(ZipkinErrors.ThriftFormat, "", 0, ZipkinErrors.ThriftListExpected);
        var reader = new ThriftBinaryReader(body, Schema, limits.MaxDepth);
        if (ZipkinListFormats.IsJson(body))
            reader.Fail(0, "JSON instead of thrift; send it with Content-Type: application/json");
        _context.Begin(batch, limits);
        _span.Begin();
        try
        {
            ReadSpans(ref reader, body);
            if (reader.Position < body.Length)
                reader.Fail(reader.Position, $"{body.Length - reader.Position} bytes after the list");
            return _context.Result;
        }
        catch (BatchFullException e)
        {
            reader.Fail(reader.FieldOffset, e.Message);
            return default;
        }
        finally
        {
            _converter.End();
            _context.End();
        }
    }

    private void ReadSpans(ref ThriftBinaryReader reader, ReadOnlySpan<byte> body)
    {
        var count = reader.ReadList(ThriftType.List, out var item);
        // zipkin-reporter-java has announced strings and sent structs.
        if (item is not (ThriftType.Struct or ThriftType.String))
            reader.Fail(0, $"a list of {ThriftNames.Of(item)}, a list of struct expected");
        for (var i = 0; i < count; i++)
        {
            var start = reader.Position;
            _context.Cut = 0;
            ReadSpan(ref reader, body);
            var error = _span.MissingIds;
            if (error is null && !_converter.TryConvert(_span, _context.Limits.MaxSpans - _context.Result.Accepted))
                error = _context.TooManySpans;
            if (error is not null)
                throw new MalformedSpansException(Schema.Format, string.Create(CultureInfo.InvariantCulture, $"[{i}]"), start, error);
        }
    }

    private void ReadSpan(ref ThriftBinaryReader reader, ReadOnlySpan<byte> body)
    {
        _span.Reset();
        var outer = reader.BeginStruct(ThriftType.Struct);
        while (reader.TryReadField(out var type, out var id))
        {
            switch (id, type)
            {
                case (Span.TraceId, ThriftType.I64):
                    _span.TraceLow = (ulong)reader.ReadI64(type);
                    break;
                case (Span.TraceIdHigh, ThriftType.I64):
                    _span.TraceHigh = (ulong)reader.ReadI64(type);
                    break;
                case (Span.Name, ThriftType.String):
                    _span.Name = ReadLowerName(ref reader, type);
                    break;
                case (Span.Id, ThriftType.I64):
                    _span.Id = (ulong)reader.ReadI64(type);
                    break;
                case (Span.ParentId, ThriftType.I64):
                    _span.ParentId = (ulong)reader.ReadI64(type);
                    break;
                case (Span.Annotations, ThriftType.List):
                    for (var left = ReadList(ref reader, type, _span.Annotations.Count); left > 0; left--)
                        ReadAnnotation(ref reader, body);
                    break;
                case (Span.BinaryAnnotations, ThriftType.List):
                    for (var left = ReadList(ref reader, type, _span.BinaryAnnotations.Count); left > 0; left--)
                        ReadBinaryAnnotation(ref reader, body);
                    break;
                case (Span.Debug, ThriftType.Bool):
                    _span.IsDebug = reader.ReadBool(type);
                    break;
                case (Span.Timestamp, ThriftType.I64):
                    _span.Timestamp = Math.Max(reader.ReadI64(type), 0);
                    break;
                case (Span.Duration, ThriftType.I64):
                    _span.Duration = Math.Max(reader.ReadI64(type), 0);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndStruct(outer);
    }

    private void ReadAnnotation(ref ThriftBinaryReader reader, ReadOnlySpan<byte> body)
    {
        long timestamp = 0;
        var hasValue = false;
        var value = 0;
        var core = ZipkinV1Core.None;
        var endpoint = 0;
        var outer = reader.BeginStruct(ThriftType.Struct);
        while (reader.TryReadField(out var type, out var id))
        {
            switch (id, type)
            {
                case (Annotation.Timestamp, ThriftType.I64):
                    timestamp = reader.ReadI64(type);
                    break;
                case (Annotation.Value, ThriftType.String):
                    var text = reader.ReadBytes(type);
                    core = ZipkinV1Names.CoreOf(text);
                    value = Intern(ref reader, text, _context.Limits.MaxValueBytes);
                    hasValue = true;
                    break;
                case (Annotation.Host, ThriftType.Struct):
                    endpoint = ReadEndpoint(ref reader, body);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndStruct(outer);
        if (timestamp != 0 || hasValue)
            _span.AddAnnotation(timestamp, value, core, endpoint);
    }

    private void ReadBinaryAnnotation(ref ThriftBinaryReader reader, ReadOnlySpan<byte> body)
    {
        var annotation = default(ZipkinV1Span.BinaryAnnotation);
        var hasKey = false;
        var valueType = AnnotationType.Bytes;
        var value = default(ReadOnlySpan<byte>);
        var valueField = -1;
        var outer = reader.BeginStruct(ThriftType.Struct);
        while (reader.TryReadField(out var type, out var id))
        {
            switch (id, type)
            {
                case (BinaryAnnotation.Key, ThriftType.String):
                    var key = reader.ReadBytes(type);
                    annotation.Meaning = ZipkinV1Names.KeyOf(key);
                    annotation.Key = Intern(ref reader, key, _context.Limits.MaxNameBytes);
                    hasKey = true;
                    break;
                case (BinaryAnnotation.Value, ThriftType.String):
                    valueField = reader.FieldOffset;
                    value = reader.ReadBytes(type);
                    break;
                case (BinaryAnnotation.AnnotationType, ThriftType.I32):
                    valueType = reader.ReadI32(type);
                    break;
                case (BinaryAnnotation.Host, ThriftType.Struct):
                    annotation.Endpoint = ReadEndpoint(ref reader, body);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndStruct(outer);
        if (valueField >= 0 && !ZipkinThriftValue.TryRead(_context, value, valueType, out annotation.Type, out annotation.Bits))
            reader.Fail(valueField, "invalid UTF-8");
        if (hasKey || valueField >= 0)
            _span.BinaryAnnotations.Add() = annotation;
    }

    private int ReadEndpoint(ref ThriftBinaryReader reader, ReadOnlySpan<byte> body)
    {
        var start = reader.Position;
        if (_span.IsLastEndpoint(body, start, out var known))
        {
            reader.Skip(ThriftType.Struct);
            return known;
        }

        var serviceName = 0;
        uint? ipv4 = null;
        UInt128? ipv6 = null;
        ushort port = 0;
        var outer = reader.BeginStruct(ThriftType.Struct);
        while (reader.TryReadField(out var type, out var id))
        {
            switch (id, type)
            {
                case (Endpoint.Ipv4, ThriftType.I32):
                    // 0 is none.
                    if (reader.ReadI32(type) is not 0 and var address)
                        ipv4 = (uint)address;
                    break;
                case (Endpoint.Port, ThriftType.I16):
                    port = (ushort)reader.ReadI16(type);
                    break;
                case (Endpoint.ServiceName, ThriftType.String):
                    serviceName = ReadLowerName(ref reader, type);
                    break;
                case (Endpoint.Ipv6, ThriftType.String):
                    IpBytes.Read(reader.ReadBytes(type), ref ipv4, ref ipv6);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndStruct(outer);
        return _span.AddEndpoint(_context, new EndpointItem(serviceName, ipv4, ipv6, port), start, reader.Position);
    }

    private static int ReadList(ref ThriftBinaryReader reader, ThriftType type, int before)
    {
        var at = reader.Position;
        var count = reader.ReadList(type, out var item);
        if (item != ThriftType.Struct && count > 0)
            reader.Fail(at, $"a list of {ThriftNames.Of(item)}, a list of struct expected");
        if (count > ZipkinV1Span.MostAnnotations - before)
            reader.Fail(at, ZipkinV1Span.TooManyAnnotations);
        return count;
    }

    private int ReadLowerName(ref ThriftBinaryReader reader, ThriftType type)
    {
        var utf8 = reader.ReadBytes(type);
        if (!_context.TryInternLower(utf8, out var id))
            reader.FailUtf8(utf8);
        return id;
    }

    private int Intern(ref ThriftBinaryReader reader, ReadOnlySpan<byte> text, int longest)
    {
        if (!_context.TryIntern(text, longest, out var id))
            reader.FailUtf8(text);
        return id;
    }
}
