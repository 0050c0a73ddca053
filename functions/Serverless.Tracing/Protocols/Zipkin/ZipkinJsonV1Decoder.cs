using System.Text.Json;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Reads Zipkin's JSON v1 (a list of spans) into a batch in one pass, by the rules of Zipkin's V1JsonSpanReader and
/// V1SpanConverter: one bad span refuses the whole list. It keeps its buffers: one instance serves one request at a time.
/// </summary>
/// <remarks>
/// As Zipkin does, it takes ids of spans that are as long as those of traces, and reads their right half. Unlike Zipkin it refuses
/// invalid UTF-8 and anything after the list, and keeps binary annotations of all types.
/// </remarks>
public sealed class ZipkinJsonV1Decoder
{
    private readonly ZipkinJsonContext _context = new(ZipkinErrors.JsonV1Format, ZipkinErrors.JsonV1ListExpected);
    private readonly ZipkinV1Span _span = new();
    private readonly ZipkinV1Converter _converter;

    /// <summary>A decoder that has read nothing yet.</summary>
    public ZipkinJsonV1Decoder() => _converter = new ZipkinV1Converter(_context);

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
        if (body.IsEmpty)
            return default;
        _context.Begin(batch, limits);
        _span.Begin();
        var reader = default(Utf8JsonReader);
        try
        {
            reader = _context.BeginList(body);
            while (_context.ReadListItem(ref reader))
            {
                var start = reader.TokenStartIndex;
                ReadSpan(ref reader, body);
                if (!_converter.TryConvert(_span, limits.MaxSpans - _context.Result.Accepted))
                    throw _context.Malformed(start, _context.TooManySpans);
            }

            return _context.Result;
        }
        catch (JsonException e)
        {
            throw _context.Malformed(e, body);
        }
        catch (BatchFullException e)
        {
            throw _context.Malformed(reader.TokenStartIndex, e.Message);
        }
        finally
        {
            _converter.End();
            _context.End();
        }
    }

    private void ReadSpan(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        var start = reader.TokenStartIndex;
        _span.Reset();
        while (_context.ReadName(ref reader, out var name))
        {
            var field = ZipkinFields.OfSpan(name);
            _context.Place.Field = ZipkinFields.Name(field);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null && field is not (ZipkinField.TraceId or ZipkinField.Id))
                continue;
            switch (field)
            {
                case ZipkinField.TraceId:
                    _context.ReadId(ref reader, ZipkinIds.TraceDigits, out _span.TraceHigh, out _span.TraceLow, zeroIsNone: false);
                    break;
                case ZipkinField.Id:
                    _context.ReadId(ref reader, ZipkinIds.TraceDigits, out _, out _span.Id, zeroIsNone: false);
                    break;
                case ZipkinField.ParentId:
                    _context.ReadId(ref reader, ZipkinIds.TraceDigits, out _, out _span.ParentId, zeroIsNone: true);
                    break;
                case ZipkinField.Name:
                    _span.Name = _context.ReadLowerName(ref reader);
                    break;
                case ZipkinField.Timestamp:
                    _span.Timestamp = Math.Max(_context.ReadMicroseconds(ref reader), 0);
                    break;
                case ZipkinField.Duration:
                    _span.Duration = Math.Max(_context.ReadMicroseconds(ref reader), 0);
                    break;
                case ZipkinField.Annotations:
                    ReadAnnotations(ref reader, body);
                    break;
                case ZipkinField.BinaryAnnotations:
                    ReadBinaryAnnotations(ref reader, body);
                    break;
                case ZipkinField.Debug:
                    _span.IsDebug = _context.ReadBoolean(ref reader);
                    break;
                case ZipkinField.LocalEndpoint or ZipkinField.RemoteEndpoint or ZipkinField.Tags:
                    throw _context.Malformed(reader.TokenStartIndex, ZipkinErrors.GotJsonV2);
                default:
                    reader.Skip();
                    break;
            }
        }

        _context.Place.Field = null;
        if (_span.MissingIds is { } missing)
            throw _context.Malformed(start, missing);
    }

    private void ReadAnnotations(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        _context.Expect(ref reader, JsonTokenType.StartArray);
        for (_context.Place.Element = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; _context.Place.Element++)
        {
            BeginAnnotation(ref reader, _span.Annotations.Count);
            var start = reader.TokenStartIndex;
            long? timestamp = null;
            int? value = null;
            var core = ZipkinV1Core.None;
            var endpoint = 0;
            while (ReadMember(ref reader, out var field))
            {
                if (field == ZipkinField.Timestamp)
                {
                    timestamp = _context.ReadMicroseconds(ref reader);
                }
                else if (field == ZipkinField.Value)
                {
                    var text = _context.ReadText(ref reader);
                    core = ZipkinV1Names.CoreOf(text);
                    value = _context.Intern(text, _context.Limits.MaxValueBytes, reader.TokenStartIndex);
                }
                else if (field == ZipkinField.Endpoint && reader.TokenType != JsonTokenType.Null)
                {
                    endpoint = ReadEndpoint(ref reader, body);
                }
                else
                {
                    reader.Skip();
                }
            }

            if (timestamp is null || value is null)
                throw _context.Malformed(start, "an annotation needs a timestamp and a value");
            _span.AddAnnotation(timestamp.Value, value.Value, core, endpoint);
        }

        _context.Place.Element = -1;
    }

    private void ReadBinaryAnnotations(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        _context.Expect(ref reader, JsonTokenType.StartArray);
        for (_context.Place.Element = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; _context.Place.Element++)
        {
            BeginAnnotation(ref reader, _span.BinaryAnnotations.Count);
            var start = reader.TokenStartIndex;
            var hasKey = false;
            ref var annotation = ref _span.BinaryAnnotations.Add();
            while (ReadMember(ref reader, out var field))
            {
                if (reader.TokenType == JsonTokenType.Null)
                    continue;
                if (field == ZipkinField.Key)
                {
                    var key = _context.ReadText(ref reader);
                    annotation.Meaning = ZipkinV1Names.KeyOf(key);
                    annotation.Key = _context.Intern(key, _context.Limits.MaxNameBytes, reader.TokenStartIndex);
                    hasKey = true;
                }
                else if (field == ZipkinField.Value)
                {
                    annotation.Type = ReadValue(ref reader, body, out annotation.Bits);
                }
                else if (field == ZipkinField.Endpoint)
                {
                    annotation.Endpoint = ReadEndpoint(ref reader, body);
                }
                else
                {
                    reader.Skip();
                }
            }

            if (!hasKey)
                throw _context.Malformed(start, "a binary annotation needs a key");
        }

        _context.Place.Element = -1;
    }

    private void BeginAnnotation(ref Utf8JsonReader reader, int count)
    {
        _context.Expect(ref reader, JsonTokenType.StartObject);
        if (count == ZipkinV1Span.MostAnnotations)
            throw _context.Malformed(reader.TokenStartIndex, ZipkinV1Span.TooManyAnnotations);
    }

    private int ReadEndpoint(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        var start = (int)reader.TokenStartIndex;
        if (!_span.IsLastEndpoint(body, start, out var endpoint))
            return _span.AddEndpoint(_context, _context.ReadEndpoint(ref reader), start, (int)reader.BytesConsumed);
        reader.Skip();
        return endpoint;
    }

    private bool ReadMember(ref Utf8JsonReader reader, out ZipkinField field)
    {
        if (!_context.ReadName(ref reader, out var name))
        {
            field = ZipkinField.Unknown;
            _context.Place.Member = null;
            return false;
        }

        field = ZipkinFields.OfAnnotation(name);
        _context.Place.Member = ZipkinFields.Name(field);
        reader.Read();
        return true;
    }

    /// <summary>Reads a value of any type; a list or an object, which v1 does not have, as the text that it is.</summary>
    private AttributeType ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, out long bits)
    {
        bits = 0;
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                return AttributeType.True;
            case JsonTokenType.False:
                return AttributeType.False;
            case JsonTokenType.Number when reader.TryGetInt64(out bits):
                return AttributeType.Int64;
            case JsonTokenType.Number when reader.ValueSpan.ContainsAny(".eE"u8) && reader.TryGetDouble(out var value):
                bits = BitConverter.DoubleToInt64Bits(value);
                return AttributeType.Double;
            case JsonTokenType.String or JsonTokenType.Number:
                bits = _context.Intern(_context.ReadText(ref reader), _context.Limits.MaxValueBytes, reader.TokenStartIndex);
                return AttributeType.String;
            default:
                var start = reader.TokenStartIndex;
                reader.Skip();
                bits = _context.Intern(body[(int)start..(int)reader.BytesConsumed], _context.Limits.MaxValueBytes, start);
                return AttributeType.String;
        }
    }
}
