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
    private const int LargestKeptTags = 1 << 16;

    private readonly ZipkinJsonContext _context = new(ZipkinErrors.JsonV2Format);

    // By the key's text id, the attribute that last had the key; it counts only if that lies within the current span.
    private int[] _tagOfKey = new int[1024];
    private SpanBatch _batch = null!;
    private int _errorKey;
    private int _serviceNameKey;

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
        _batch = batch;
        _context.Begin(batch, limits);
        _errorKey = batch.Intern("error"u8);
        _serviceNameKey = batch.Intern("service.name"u8);
        try
        {
            var first = body.IndexOfAnyExcept(" \t\r\n"u8);
            if (first < 0 || body[first] != '[')
                throw _context.Malformed(Math.Max(first, 0), ZipkinErrors.ListExpected);
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = limits.MaxDepth });
            return ReadSpans(ref reader);
        }
        catch (JsonException e)
        {
            throw _context.Malformed(e, body);
        }
        finally
        {
            _batch = null!;
            _context.End();
            if (_tagOfKey.Length > LargestKeptTags)
                _tagOfKey = new int[1024];
        }
    }

    private DecodeResult ReadSpans(ref Utf8JsonReader reader)
    {
        var before = _batch.SpanCount;
        var most = _context.Limits.MaxSpans;
        var truncated = 0;
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            _context.Place.Span++;
            if (_context.Place.Span == most)
                throw _context.Malformed(reader.TokenStartIndex, $"more than {most} spans in one request; send them in several");
            _context.Expect(ref reader, JsonTokenType.StartObject);
            ref var span = ref _batch.AddSpan();
            span.Marks = SpanMarks.NoStart | SpanMarks.NoDuration;
            _context.Truncated = false;
            ReadSpan(ref reader, ref span);
            if (_context.Truncated)
            {
                span.Marks |= SpanMarks.Truncated;
                truncated++;
            }
        }

        // Whatever follows the list is not JSON, and the reader says so.
        _context.Place.Span = -1;
        reader.Read();
        return new DecodeResult(_batch.SpanCount - before, 0, truncated, null);
    }

    private void ReadSpan(ref Utf8JsonReader reader, ref SpanEntry span)
    {
        var start = reader.TokenStartIndex;
        var firstTag = _batch.Attributes.Count;
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
                    ReadId(ref reader, ZipkinIds.TraceDigits, out span.TraceHigh, out span.TraceLow, zeroIsNone: false);
                    break;
                case ZipkinField.Id:
                    ReadId(ref reader, ZipkinIds.SpanDigits, out _, out span.Id, zeroIsNone: false);
                    break;
                case ZipkinField.ParentId:
                    ReadId(ref reader, ZipkinIds.SpanDigits, out _, out span.ParentId, zeroIsNone: true);
                    break;
                case ZipkinField.Kind:
                    span.Kind = ReadKind(ref reader);
                    break;
                case ZipkinField.Name:
                    span.Name = _context.ReadLowerName(ref reader);
                    break;
                case ZipkinField.Timestamp:
                    span.StartNs = _context.ToNs(_context.ReadInteger(ref reader));
                    Mark(ref span, SpanMarks.NoStart, span.StartNs == 0);
                    break;
                case ZipkinField.Duration:
                    span.DurationNs = _context.ToDurationNs(_context.ReadInteger(ref reader));
                    Mark(ref span, SpanMarks.NoDuration, span.DurationNs == 0);
                    break;
                case ZipkinField.LocalEndpoint:
                    local = ReadEndpoint(ref reader);
                    break;
                case ZipkinField.RemoteEndpoint:
                    remote = ReadEndpoint(ref reader);
                    break;
                case ZipkinField.Annotations:
                    ReadAnnotations(ref reader, ref span);
                    break;
                case ZipkinField.Tags:
                    ReadTags(ref reader, ref span, firstTag);
                    break;
                case ZipkinField.Debug:
                    Mark(ref span, SpanMarks.Debug, _context.ReadBoolean(ref reader));
                    break;
                case ZipkinField.Shared:
                    Mark(ref span, SpanMarks.Shared, _context.ReadBoolean(ref reader));
                    break;
                case ZipkinField.BinaryAnnotations:
                    throw _context.Malformed(reader.TokenStartIndex, ZipkinErrors.GotVersion1);
                default:
                    reader.Skip();
                    break;
            }
        }

        _context.Place.Field = null;
        if ((span.TraceHigh | span.TraceLow) == 0 || span.Id == 0)
        {
            var missing = span.Id != 0 ? "traceId" : (span.TraceHigh | span.TraceLow) != 0 ? "id" : "traceId and id";
            throw _context.Malformed(start, $"the span has no {missing}");
        }

        if (span.ParentId == span.Id)
            span.ParentId = 0;
        if (span.Kind == SpanKind.Client)
            span.Marks &= ~SpanMarks.Shared;
        span.Resource = _batch.AddEndpointResource(_serviceNameKey, local.ServiceName, local.Ipv4, local.Ipv6, local.Port);
        if (remote != default)
            span.RemoteEndpoint = _batch.AddEndpoint(remote.ServiceName, remote.Ipv4, remote.Ipv6, remote.Port);
    }

    private void ReadTags(ref Utf8JsonReader reader, ref SpanEntry span, int firstTag)
    {
        _context.Expect(ref reader, JsonTokenType.StartObject);
        while (_context.ReadName(ref reader, out var name))
        {
            var key = _context.Intern(name, _context.Limits.MaxNameBytes, reader.TokenStartIndex);
            reader.Read();
            var value = _context.ReadTagValue(ref reader, key);
            if (key == _errorKey)
                span.Status = SpanStatus.Error;
            AddTag(ref span, firstTag, key, value);
        }
    }

    private void AddTag(ref SpanEntry span, int firstTag, int key, int value)
    {
        if (key >= _tagOfKey.Length)
            Array.Resize(ref _tagOfKey, Math.Max(_tagOfKey.Length * 2, key + 1));
        var known = _tagOfKey[key];
        if (known >= firstTag && known < _batch.Attributes.Count && _batch.Attributes[known].Key == key)
        {
            _batch.Attributes[known].Bits = value;
            return;
        }

        if (span.Attributes.Count == _context.Limits.MaxAttributes)
        {
            span.DroppedAttributes++;
            _context.Truncated = true;
            return;
        }

        _tagOfKey[key] = _batch.Attributes.Count;
        _batch.AddString(ref span.Attributes, key, value);
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
                    timestamp = _context.ReadInteger(ref reader);
                else if (field == ZipkinField.Value)
                    value = _context.Intern(_context.ReadText(ref reader), _context.Limits.MaxValueBytes, reader.TokenStartIndex);
                else
                    reader.Skip();
            }

            _context.Place.Member = null;
            if (timestamp is null || value is null)
                throw _context.Malformed(start, "an annotation needs a timestamp and a value");
            if (span.Events.Count < _context.Limits.MaxEvents)
            {
                _batch.AddEvent(ref span.Events, _context.ToNs(timestamp.Value), value.Value, default);
                continue;
            }

            span.DroppedEvents++;
            _context.Truncated = true;
        }

        _context.Place.Element = -1;
    }

    private EndpointItem ReadEndpoint(ref Utf8JsonReader reader)
    {
        _context.Expect(ref reader, JsonTokenType.StartObject);
        var endpoint = default(EndpointItem);
        while (_context.ReadName(ref reader, out var name))
        {
            var field = ZipkinFields.OfEndpoint(name);
            _context.Place.Member = ZipkinFields.Name(field);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            if (field == ZipkinField.ServiceName)
                endpoint = endpoint with { ServiceName = _context.ReadLowerName(ref reader) };
            else if (field is ZipkinField.Ipv4 or ZipkinField.Ipv6
                && IpText.TryParse(_context.ReadText(ref reader), out var ipv4, out var ipv6))
                endpoint = endpoint with { Ipv4 = ipv4 ?? endpoint.Ipv4, Ipv6 = ipv6 ?? endpoint.Ipv6 };
            else if (field == ZipkinField.Port)
                endpoint = endpoint with { Port = ReadPort(ref reader) };
            else
                reader.Skip();
        }

        _context.Place.Member = null;
        return endpoint;
    }

    private ushort ReadPort(ref Utf8JsonReader reader)
    {
        var port = _context.ReadInteger(ref reader);
        if (port > ushort.MaxValue)
            throw _context.Malformed(reader.TokenStartIndex, $"invalid port {port}");
        return (ushort)Math.Max(port, 0);
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

    private void ReadId(ref Utf8JsonReader reader, int digits, out ulong high, out ulong low, bool zeroIsNone)
    {
        var error = ZipkinIds.Read(_context.ReadText(ref reader), digits, _context.Place.Field!, out high, out low);
        if (error is null && (high | low) == 0 && !zeroIsNone)
            error = _context.Place.Field + " is all zeros";
        if (error is not null)
            throw _context.Malformed(reader.TokenStartIndex, error);
    }

    private static void Mark(ref SpanEntry span, SpanMarks mark, bool set) =>
        span.Marks = set ? span.Marks | mark : span.Marks & ~mark;
}
