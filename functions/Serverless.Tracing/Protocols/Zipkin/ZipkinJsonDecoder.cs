using System.Text.Json;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Reads Zipkin's JSON v2 (a list of spans) into a batch in one pass, by the rules of Zipkin's own V2SpanReader, Span.Builder
/// and Endpoint.Builder: one bad span refuses the whole list. It keeps its buffers: one instance serves one request at a time.
/// </summary>
/// <remarks>
/// As Zipkin does, it takes a number where a text belongs and a text or a fraction of zero where an integer belongs, skips
/// nulls of optional fields and unknown fields, and lets repeated fields win over earlier ones (repeated tags and
/// annotations add up). Unlike Zipkin it refuses invalid UTF-8 and anything after the list.
/// </remarks>
public sealed class ZipkinJsonDecoder
{
    private readonly ZipkinJsonContext _context = new(ZipkinErrors.JsonV2Format, ZipkinErrors.JsonV2ListExpected);

    /// <summary>Adds the spans of a body to a batch that has been reset for <see cref="SpanProtocol.Zipkin"/>.</summary>
    /// <param name="body">The decompressed body; empty is as good as an empty list.</param>
    /// <param name="batch">Takes the spans; after an error it holds a part of them and has to be reset.</param>
    /// <param name="limits">What is cut, counted and marked, and what is refused.</param>
    /// <exception cref="MalformedSpansException">
    /// The body is no list of spans; <see cref="ZipkinErrors.ResponseText"/> is its answer.
    /// </exception>
    public DecodeResult Decode(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits)
    {
        if (body.IsEmpty)
            return default;
        _context.Begin(batch, limits);
        var reader = default(Utf8JsonReader);
        try
        {
            reader = _context.BeginList(body);
            while (_context.ReadListItem(ref reader))
                ReadSpan(ref reader, ref _context.BeginSpan());
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
            _context.End();
        }
    }

    private void ReadSpan(ref Utf8JsonReader reader, ref SpanEntry span)
    {
        var start = reader.TokenStartIndex;
        var local = default(EndpointItem);
        var remote = default(EndpointItem);
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
                    _context.ReadId(ref reader, ZipkinIds.TraceDigits, out span.TraceHigh, out span.TraceLow, zeroIsNone: false);
                    break;
                case ZipkinField.Id:
                    _context.ReadId(ref reader, ZipkinIds.SpanDigits, out _, out span.Id, zeroIsNone: false);
                    break;
                case ZipkinField.ParentId:
                    _context.ReadId(ref reader, ZipkinIds.SpanDigits, out _, out span.ParentId, zeroIsNone: true);
                    break;
                case ZipkinField.Kind:
                    span.Kind = ReadKind(ref reader);
                    break;
                case ZipkinField.Name:
                    span.Name = _context.ReadLowerName(ref reader);
                    break;
                case ZipkinField.Timestamp:
                    _context.SetStart(ref span, _context.ReadMicroseconds(ref reader));
                    break;
                case ZipkinField.Duration:
                    _context.SetDuration(ref span, _context.ReadMicroseconds(ref reader));
                    break;
                case ZipkinField.LocalEndpoint:
                    local = _context.ReadEndpoint(ref reader);
                    break;
                case ZipkinField.RemoteEndpoint:
                    remote = _context.ReadEndpoint(ref reader);
                    break;
                case ZipkinField.Annotations:
                    ReadAnnotations(ref reader, ref span);
                    break;
                case ZipkinField.Tags:
                    ReadTags(ref reader, ref span);
                    break;
                case ZipkinField.Debug:
                    ZipkinDecodeContext.Mark(ref span, SpanMarks.Debug, _context.ReadBoolean(ref reader));
                    break;
                case ZipkinField.Shared:
                    ZipkinDecodeContext.Mark(ref span, SpanMarks.Shared, _context.ReadBoolean(ref reader));
                    break;
                case ZipkinField.BinaryAnnotations:
                    throw _context.Malformed(reader.TokenStartIndex, ZipkinErrors.GotJsonV1);
                default:
                    reader.Skip();
                    break;
            }
        }

        _context.Place.Field = null;
        if (ZipkinDecodeContext.MissingIds(span) is { } missing)
            throw _context.Malformed(start, missing);
        _context.Complete(ref span, local, remote);
    }

    private void ReadTags(ref Utf8JsonReader reader, ref SpanEntry span)
    {
        _context.Expect(ref reader, JsonTokenType.StartObject);
        while (_context.ReadName(ref reader, out var name))
        {
            var key = _context.Intern(name, _context.Limits.MaxNameBytes, reader.TokenStartIndex);
            reader.Read();
            _context.Tags.Add(ref span, key, _context.ReadTagValue(ref reader, key));
        }
    }

    private void ReadAnnotations(ref Utf8JsonReader reader, ref SpanEntry span)
    {
        _context.Expect(ref reader, JsonTokenType.StartArray);
        for (_context.Place.Element = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; _context.Place.Element++)
        {
            _context.Expect(ref reader, JsonTokenType.StartObject);
            var start = reader.TokenStartIndex;
            long? timestamp = null;
            int? value = null;
            while (_context.ReadName(ref reader, out var name))
            {
                var field = ZipkinFields.OfAnnotation(name);
                _context.Place.Member = ZipkinFields.Name(field);
                reader.Read();
                if (field == ZipkinField.Timestamp)
                    timestamp = _context.ReadMicroseconds(ref reader);
                else if (field == ZipkinField.Value)
                    value = _context.Intern(_context.ReadText(ref reader), _context.Limits.MaxValueBytes, reader.TokenStartIndex);
                else
                    reader.Skip();
            }

            _context.Place.Member = null;
            if (timestamp is null || value is null)
                throw _context.Malformed(start, "an annotation needs a timestamp and a value");
            _context.AddEvent(ref span.Events, ref span.DroppedEvents, timestamp.Value, value.Value);
        }

        _context.Place.Element = -1;
    }

    private SpanKind ReadKind(ref Utf8JsonReader reader)
    {
        var text = _context.ReadText(ref reader);
        if (text.SequenceEqual("SERVER"u8))
            return SpanKind.Server;
        if (text.SequenceEqual("CLIENT"u8))
            return SpanKind.Client;
        if (text.SequenceEqual("PRODUCER"u8))
            return SpanKind.Producer;
        if (text.SequenceEqual("CONSUMER"u8))
            return SpanKind.Consumer;
        throw _context.Malformed(reader.TokenStartIndex, $"CLIENT, SERVER, PRODUCER or CONSUMER expected, found {JsonPlace.Quote(text)}");
    }
}
