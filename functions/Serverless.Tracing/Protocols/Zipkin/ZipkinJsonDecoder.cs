using System.Buffers.Text;
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
    // In microseconds: what still fits the batch's nanoseconds.
    private const long LargestStart = (long)(ulong.MaxValue / 1000);
    private const long LargestDuration = long.MaxValue / 1000;
    private const int LargestKeptTags = 1 << 16;
    private const string InvalidUtf8 = "the text is not valid UTF-8";

    private readonly JsonTexts _texts = new();

    // By the key's text id, the attribute that last had the key; it counts only if that lies within the current span.
    private int[] _tagOfKey = new int[1024];
    private SpanBatch _batch = null!;
    private DecodeLimits _limits = DecodeLimits.Default;
    private JsonPlace _place;
    private bool _truncated;
    private int _errorKey;
    private int _serviceNameKey;

    /// <summary>Adds the spans of a body to a batch that has been reset for <see cref="SpanProtocol.Zipkin"/>.</summary>
    /// <param name="body">The decompressed body; empty is as good as an empty list.</param>
    /// <param name="batch">Takes the spans; after an error it holds a part of them and has to be reset.</param>
    /// <param name="limits">What is cut, counted and marked, and what is refused.</param>
    /// <exception cref="MalformedSpansException">The body is no list of spans; <see cref="ZipkinErrors.ResponseText"/> is its answer.</exception>
    public DecodeResult Decode(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits)
    {
        if (body.IsEmpty)
            return default;
        _batch = batch;
        _limits = limits;
        _place = new JsonPlace { Span = -1, Element = -1 };
        _errorKey = batch.Intern("error"u8);
        _serviceNameKey = batch.Intern("service.name"u8);
        var first = body.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0 || body[first] != '[')
            throw Malformed(Math.Max(first, 0), ZipkinErrors.ListExpected);
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = limits.MaxDepth });
        try
        {
            return ReadSpans(ref reader);
        }
        catch (JsonException e)
        {
            throw new MalformedSpansException(ZipkinErrors.JsonV2Format, _place.Path(), OffsetOf(e, body), ReasonOf(e), e);
        }
        finally
        {
            _batch = null!;
            _texts.Trim();
            if (_tagOfKey.Length > LargestKeptTags)
                _tagOfKey = new int[1024];
        }
    }

    private DecodeResult ReadSpans(ref Utf8JsonReader reader)
    {
        var before = _batch.SpanCount;
        var truncated = 0;
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            _place.Span++;
            if (_place.Span == _limits.MaxSpans)
                throw Malformed(reader.TokenStartIndex, $"more than {_limits.MaxSpans} spans in one request; send them in several");
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Malformed(reader.TokenStartIndex, "a span (an object) expected, found " + Name(reader.TokenType));
            ref var span = ref _batch.AddSpan();
            span.Marks = SpanMarks.NoStart | SpanMarks.NoDuration;
            _truncated = false;
            ReadSpan(ref reader, ref span);
            if (_truncated)
            {
                span.Marks |= SpanMarks.Truncated;
                truncated++;
            }
        }

        // Whatever follows the list is not JSON, and the reader says so.
        _place.Span = -1;
        reader.Read();
        return new DecodeResult(_batch.SpanCount - before, 0, truncated, null);
    }

    private void ReadSpan(ref Utf8JsonReader reader, ref SpanEntry span)
    {
        var start = reader.TokenStartIndex;
        var firstTag = _batch.Attributes.Count;
        var local = default(EndpointItem);
        var remote = default(EndpointItem);
        while (ReadName(ref reader, out var name))
        {
            var field = ZipkinFields.OfSpan(name);
            _place.Field = ZipkinFields.Name(field);
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
                    span.Name = ReadLowerName(ref reader);
                    break;
                case ZipkinField.Timestamp:
                    span.StartNs = ToNs(ReadInteger(ref reader));
                    Mark(ref span, SpanMarks.NoStart, span.StartNs == 0);
                    break;
                case ZipkinField.Duration:
                    span.DurationNs = ToDurationNs(ReadInteger(ref reader));
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
                    Mark(ref span, SpanMarks.Debug, ReadBoolean(ref reader));
                    break;
                case ZipkinField.Shared:
                    Mark(ref span, SpanMarks.Shared, ReadBoolean(ref reader));
                    break;
                case ZipkinField.BinaryAnnotations:
                    throw Malformed(reader.TokenStartIndex, ZipkinErrors.GotVersion1);
                default:
                    reader.Skip();
                    break;
            }
        }

        _place.Field = null;
        if ((span.TraceHigh | span.TraceLow) == 0 || span.Id == 0)
        {
            var missing = span.Id != 0 ? "traceId" : (span.TraceHigh | span.TraceLow) != 0 ? "id" : "traceId and id";
            throw Malformed(start, $"the span has no {missing}");
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
        Expect(ref reader, JsonTokenType.StartObject);
        while (ReadName(ref reader, out var name))
        {
            var key = Intern(name, _limits.MaxNameBytes, reader.TokenStartIndex);
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
                throw MalformedTag(key, reader.TokenStartIndex, "a tag's value is a text, found " + Name(reader.TokenType));
            if (!TryIntern(_texts.Read(ref reader), _limits.MaxValueBytes, out var value))
                throw MalformedTag(key, reader.TokenStartIndex, InvalidUtf8);
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

        if (span.Attributes.Count == _limits.MaxAttributes)
        {
            span.DroppedAttributes++;
            _truncated = true;
            return;
        }

        _tagOfKey[key] = _batch.Attributes.Count;
        _batch.AddString(ref span.Attributes, key, value);
    }

    private void ReadAnnotations(ref Utf8JsonReader reader, ref SpanEntry span)
    {
        Expect(ref reader, JsonTokenType.StartArray);
        for (_place.Element = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; _place.Element++)
        {
            Expect(ref reader, JsonTokenType.StartObject);
            var start = reader.TokenStartIndex;
            long? timestamp = null;
            int? value = null;
            while (ReadName(ref reader, out var name))
            {
                var field = ZipkinFields.OfAnnotation(name);
                _place.Member = ZipkinFields.Name(field);
                reader.Read();
                if (field == ZipkinField.Timestamp)
                    timestamp = ReadInteger(ref reader);
                else if (field == ZipkinField.Value)
                    value = Intern(ReadText(ref reader), _limits.MaxValueBytes, reader.TokenStartIndex);
                else
                    reader.Skip();
            }

            _place.Member = null;
            if (timestamp is null || value is null)
                throw Malformed(start, "an annotation needs a timestamp and a value");
            if (span.Events.Count < _limits.MaxEvents)
            {
                _batch.AddEvent(ref span.Events, ToNs(timestamp.Value), value.Value, default);
                continue;
            }

            span.DroppedEvents++;
            _truncated = true;
        }

        _place.Element = -1;
    }

    private EndpointItem ReadEndpoint(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        var endpoint = default(EndpointItem);
        while (ReadName(ref reader, out var name))
        {
            var field = ZipkinFields.OfEndpoint(name);
            _place.Member = ZipkinFields.Name(field);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            if (field == ZipkinField.ServiceName)
                endpoint = endpoint with { ServiceName = ReadLowerName(ref reader) };
            else if (field is ZipkinField.Ipv4 or ZipkinField.Ipv6 && IpText.TryParse(ReadText(ref reader), out var ipv4, out var ipv6))
                endpoint = endpoint with { Ipv4 = ipv4 ?? endpoint.Ipv4, Ipv6 = ipv6 ?? endpoint.Ipv6 };
            else if (field == ZipkinField.Port)
                endpoint = endpoint with { Port = ReadPort(ref reader) };
            else
                reader.Skip();
        }

        _place.Member = null;
        return endpoint;
    }

    private ushort ReadPort(ref Utf8JsonReader reader)
    {
        var port = ReadInteger(ref reader);
        if (port > ushort.MaxValue)
            throw Malformed(reader.TokenStartIndex, $"invalid port {port}");
        return (ushort)Math.Max(port, 0);
    }

    private SpanKind ReadKind(ref Utf8JsonReader reader)
    {
        var text = ReadText(ref reader);
        if (text.SequenceEqual("SERVER"u8))
            return SpanKind.Server;
        if (text.SequenceEqual("CLIENT"u8))
            return SpanKind.Client;
        if (text.SequenceEqual("PRODUCER"u8))
            return SpanKind.Producer;
        if (text.SequenceEqual("CONSUMER"u8))
            return SpanKind.Consumer;
        throw Malformed(reader.TokenStartIndex, $"CLIENT, SERVER, PRODUCER or CONSUMER expected, found {JsonPlace.Quote(text)}");
    }

    private void ReadId(ref Utf8JsonReader reader, int digits, out ulong high, out ulong low, bool zeroIsNone)
    {
        var error = ZipkinIds.Read(ReadText(ref reader), digits, _place.Field!, out high, out low);
        if (error is null && (high | low) == 0 && !zeroIsNone)
            error = _place.Field + " is all zeros";
        if (error is not null)
            throw Malformed(reader.TokenStartIndex, error);
    }

    private int ReadLowerName(ref Utf8JsonReader reader)
    {
        var text = ReadText(ref reader);
        return Intern(_texts.ToLower(text), _limits.MaxNameBytes, reader.TokenStartIndex);
    }

    private int Intern(ReadOnlySpan<byte> text, int longest, long offset) =>
        TryIntern(text, longest, out var id) ? id : throw Malformed(offset, InvalidUtf8);

    private bool TryIntern(ReadOnlySpan<byte> text, int longest, out int id)
    {
        if (text.Length > longest)
        {
            text = JsonTexts.Cut(text, longest);
            _truncated = true;
        }

        return _batch.TryInternText(text, out id);
    }

    private ReadOnlySpan<byte> ReadText(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
            throw Malformed(reader.TokenStartIndex, "a text expected, found " + Name(reader.TokenType));
        return _texts.Read(ref reader);
    }

    private bool ReadBoolean(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Malformed(reader.TokenStartIndex, "true or false expected, found " + Name(reader.TokenType)),
    };

    private long ReadInteger(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String)
        {
            var text = _texts.Read(ref reader);
            if (Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length)
                return value;
            // 1.5e15 is an integer too. 2^63 is not one that fits.
            if (Utf8Parser.TryParse(text, out double real, out used) && used == text.Length
                && Math.Truncate(real) == real && Math.Abs(real) < 9.2233720368547758e18)
                return (long)real;
        }

        throw Malformed(reader.TokenStartIndex, "an integer expected, found " + (
            reader.TokenType is JsonTokenType.Number or JsonTokenType.String
                ? JsonPlace.Quote(_texts.Read(ref reader)) : Name(reader.TokenType)));
    }

    private ulong ToNs(long micros)
    {
        _truncated |= micros > LargestStart;
        return (ulong)Math.Clamp(micros, 0, LargestStart) * 1000;
    }

    private long ToDurationNs(long micros)
    {
        _truncated |= micros > LargestDuration;
        return Math.Clamp(micros, 0, LargestDuration) * 1000;
    }

    private bool ReadName(ref Utf8JsonReader reader, out ReadOnlySpan<byte> name)
    {
        reader.Read();
        name = default;
        if (reader.TokenType != JsonTokenType.PropertyName)
            return false;
        name = _texts.Read(ref reader);
        return true;
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (reader.TokenType != type)
            throw Malformed(reader.TokenStartIndex, $"{Name(type)} expected, found {Name(reader.TokenType)}");
    }

    private MalformedSpansException Malformed(long offset, string reason) =>
        new(ZipkinErrors.JsonV2Format, _place.Path(), offset, reason);

    private MalformedSpansException MalformedTag(int key, long offset, string reason)
    {
        _place.Member = JsonPlace.Quote(_batch.Text(key));
        return Malformed(offset, reason);
    }

    private static void Mark(ref SpanEntry span, SpanMarks mark, bool set) =>
        span.Marks = set ? span.Marks | mark : span.Marks & ~mark;

    private static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };

    // The reader's exception knows line and column; senders count bytes.
    private static long OffsetOf(JsonException e, ReadOnlySpan<byte> body)
    {
        var at = 0;
        for (var line = e.LineNumber ?? 0; line > 0; line--)
            at += body[at..].IndexOf((byte)'\n') + 1;
        return at + (e.BytePositionInLine ?? 0);
    }

    private static string ReasonOf(JsonException e)
    {
        var position = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? e.Message : e.Message[..position];
    }
}
