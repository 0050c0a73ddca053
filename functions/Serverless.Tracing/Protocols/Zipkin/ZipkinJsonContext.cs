using System.Buffers.Text;
using System.Text.Json;
using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Where a decoder of Zipkin's JSON stands in a body, and how it reads the values of fields there: as Zipkin's own reader takes
/// them. What is wrong is said with its place.
/// </summary>
/// <param name="format">The format's name in errors.</param>
/// <param name="listExpected">The error for a body that is no list.</param>
internal sealed class ZipkinJsonContext(string format, string listExpected) : ZipkinDecodeContext
{
    private const string InvalidUtf8 = "the text is not valid UTF-8";

    private readonly JsonTexts _texts = new();

    /// <summary>Where the decoder is.</summary>
    public JsonPlace Place;

    /// <inheritdoc/>
    public override void Begin(SpanBatch batch, DecodeLimits limits)
    {
        base.Begin(batch, limits);
        Place = new JsonPlace { Span = -1, Element = -1 };
    }

    /// <inheritdoc/>
    public override void End()
    {
        base.End();
        _texts.Trim();
    }

    /// <summary>A reader that has read the beginning of the list.</summary>
    public Utf8JsonReader BeginList(ReadOnlySpan<byte> body)
    {
        var first = body.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0 || body[first] != '[')
            throw Malformed(Math.Max(first, 0), listExpected);
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Limits.MaxDepth });
        reader.Read();
        return reader;
    }

    /// <summary>Goes to the next span of the list; false at the end of the body.</summary>
    public bool ReadListItem(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndArray)
        {
            // Whatever follows the list is not JSON, and the reader says so.
            Place.Span = -1;
            reader.Read();
            return false;
        }

        Place.Span++;
        if (Place.Span == Limits.MaxSpans)
            throw Malformed(reader.TokenStartIndex, TooManySpans);
        Expect(ref reader, JsonTokenType.StartObject);
        Cut = 0;
        return true;
    }

    /// <summary>Goes to the next name of an object; false at the object's end. The name holds until the next text is read.</summary>
    public bool ReadName(ref Utf8JsonReader reader, out ReadOnlySpan<byte> name)
    {
        reader.Read();
        name = default;
        if (reader.TokenType != JsonTokenType.PropertyName)
            return false;
        name = _texts.Read(ref reader);
        return true;
    }

    /// <summary>Reads a name of a span or service, in lower case as Zipkin keeps them; its text id.</summary>
    public int ReadLowerName(ref Utf8JsonReader reader)
    {
        return TryInternLower(ReadText(ref reader), out var id) ? id : throw Malformed(reader.TokenStartIndex, InvalidUtf8);
    }

    /// <summary>The id of a text in the batch, cut to a length in bytes.</summary>
    public int Intern(ReadOnlySpan<byte> text, int longest, long offset) =>
        TryIntern(text, longest, out var id) ? id : throw Malformed(offset, InvalidUtf8);

    /// <summary>Reads a text, or a number as it is spelled; it holds until the next text is read.</summary>
    public ReadOnlySpan<byte> ReadText(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
            throw Malformed(reader.TokenStartIndex, "a text expected, found " + Name(reader.TokenType));
        return _texts.Read(ref reader);
    }

    /// <summary>Reads the value of a tag; its text id.</summary>
    public int ReadTagValue(ref Utf8JsonReader reader, int key)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
            throw MalformedTag(key, reader.TokenStartIndex, "a tag's value is a text, found " + Name(reader.TokenType));
        return TryIntern(_texts.Read(ref reader), Limits.MaxValueBytes, out var value)
            ? value
            : throw MalformedTag(key, reader.TokenStartIndex, InvalidUtf8);
    }

    /// <summary>Reads a boolean.</summary>
    public bool ReadBoolean(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Malformed(reader.TokenStartIndex, "true or false expected, found " + Name(reader.TokenType)),
    };

    /// <summary>Reads an integer, or a text that is one.</summary>
    public long ReadInteger(ref Utf8JsonReader reader) => ReadNumber(ref reader, takeFraction: false);

    /// <summary>
    /// Reads a time in microseconds. A fraction is cut off: OpenTelemetry's JavaScript exporter sends one, which Zipkin itself refuses
    /// together with the whole list.
    /// </summary>
    public long ReadMicroseconds(ref Utf8JsonReader reader) => ReadNumber(ref reader, takeFraction: true);

    private long ReadNumber(ref Utf8JsonReader reader, bool takeFraction)
    {
        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String)
        {
            var text = _texts.Read(ref reader);
            if (Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length)
                return value;
            // 1.5e15 is an integer too. 2^63 is not one that fits.
            if (Utf8Parser.TryParse(text, out double real, out used) && used == text.Length
                && (takeFraction || Math.Truncate(real) == real) && Math.Abs(real) < 9.2233720368547758e18)
                return (long)real;
        }

        throw Malformed(reader.TokenStartIndex, "an integer expected, found " + (
            reader.TokenType is JsonTokenType.Number or JsonTokenType.String
                ? JsonPlace.Quote(_texts.Read(ref reader)) : Name(reader.TokenType)));
    }

    /// <summary>Reads an id of up to so many digits; one that is all zeros is an error or, where there may be none, 0.</summary>
    public void ReadId(ref Utf8JsonReader reader, int digits, out ulong high, out ulong low, bool zeroIsNone)
    {
        var error = ZipkinIds.Read(ReadText(ref reader), digits, Place.Field!, out high, out low);
        if (error is null && (high | low) == 0 && !zeroIsNone)
            error = Place.Field + " is all zeros";
        if (error is not null)
            throw Malformed(reader.TokenStartIndex, error);
    }

    /// <summary>Reads an endpoint; the default value is one that says nothing.</summary>
    public EndpointItem ReadEndpoint(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        var endpoint = default(EndpointItem);
        while (ReadName(ref reader, out var name))
        {
            var field = ZipkinFields.OfEndpoint(name);
            Place.Inner = ZipkinFields.Name(field);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            if (field == ZipkinField.ServiceName)
                endpoint = endpoint with { ServiceName = ReadLowerName(ref reader) };
            else if (field is ZipkinField.Ipv4 or ZipkinField.Ipv6
                && IpText.TryParse(ReadText(ref reader), out var ipv4, out var ipv6))
                endpoint = endpoint with { Ipv4 = ipv4 ?? endpoint.Ipv4, Ipv6 = ipv6 ?? endpoint.Ipv6 };
            else if (field == ZipkinField.Port)
                endpoint = endpoint with { Port = ReadPort(ref reader) };
            else
                reader.Skip();
        }

        Place.Inner = null;
        return endpoint;
    }

    /// <summary>Refuses anything but a token of this type.</summary>
    public void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (reader.TokenType != type)
            throw Malformed(reader.TokenStartIndex, $"{Name(type)} expected, found {Name(reader.TokenType)}");
    }

    /// <summary>The error for what is wrong here.</summary>
    public MalformedSpansException Malformed(long offset, string reason) =>
        new(format, Place.Path(), offset, reason);

    /// <summary>The error for what the JSON reader says is wrong.</summary>
    public MalformedSpansException Malformed(JsonException e, ReadOnlySpan<byte> body) =>
        new(format, Place.Path(), OffsetOf(e, body), ReasonOf(e), e);

    /// <summary>What a token is, in an error.</summary>
    private static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };

    private MalformedSpansException MalformedTag(int key, long offset, string reason)
    {
        Place.Member = JsonPlace.Quote(Batch.Text(key));
        return Malformed(offset, reason);
    }

    private ushort ReadPort(ref Utf8JsonReader reader)
    {
        var port = ReadInteger(ref reader);
        if (port > ushort.MaxValue)
            throw Malformed(reader.TokenStartIndex, $"invalid port {port}");
        return (ushort)Math.Max(port, 0);
    }

    // The JSON reader's exception knows line and column; senders count bytes.
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
