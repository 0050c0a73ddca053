using System.Buffers.Text;
using System.Text.Json;
using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Where a decoder of Zipkin's JSON stands in a body, and how it reads the values of fields there: as Zipkin's own reader takes
/// them, cut to the limits, in the batch's texts and nanoseconds. What is wrong is said with its place.
/// </summary>
/// <param name="format">The format's name in errors.</param>
internal sealed class ZipkinJsonContext(string format)
{
    // In microseconds: what still fits the batch's nanoseconds.
    private const long LargestStart = (long)(ulong.MaxValue / 1000);
    private const long LargestDuration = long.MaxValue / 1000;

    private const string InvalidUtf8 = "the text is not valid UTF-8";

    private readonly JsonTexts _texts = new();

    /// <summary>Where the decoder is.</summary>
    public JsonPlace Place;

    /// <summary>Something of the current span was over a limit and was cut.</summary>
    public bool Truncated;

    /// <summary>Takes the spans.</summary>
    public SpanBatch Batch { get; private set; } = null!;

    /// <summary>What is cut and what is refused.</summary>
    public DecodeLimits Limits { get; private set; } = DecodeLimits.Default;

    /// <summary>Begins a body.</summary>
    public void Begin(SpanBatch batch, DecodeLimits limits)
    {
        Batch = batch;
        Limits = limits;
        Place = new JsonPlace { Span = -1, Element = -1 };
    }

    /// <summary>Ends a body: lets go of the batch and of unusually large buffers.</summary>
    public void End()
    {
        Batch = null!;
        _texts.Trim();
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
        var text = ReadText(ref reader);
        return Intern(_texts.ToLower(text), Limits.MaxNameBytes, reader.TokenStartIndex);
    }

    /// <summary>The id of a text in the batch, cut to a length in bytes.</summary>
    public int Intern(ReadOnlySpan<byte> text, int longest, long offset) =>
        TryIntern(text, longest, out var id) ? id : throw Malformed(offset, InvalidUtf8);

    private bool TryIntern(ReadOnlySpan<byte> text, int longest, out int id)
    {
        if (text.Length > longest)
        {
            text = Utf8Text.Cut(text, longest);
            Truncated = true;
        }

        return Batch.TryInternText(text, out id);
    }

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
    public long ReadInteger(ref Utf8JsonReader reader)
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

    /// <summary>A time in nanoseconds; what is negative is 0, what is too far off is cut.</summary>
    public ulong ToNs(long micros)
    {
        Truncated |= micros > LargestStart;
        return (ulong)Math.Clamp(micros, 0, LargestStart) * 1000;
    }

    /// <summary>A duration in nanoseconds; what is negative is 0, what is too long is cut.</summary>
    public long ToDurationNs(long micros)
    {
        Truncated |= micros > LargestDuration;
        return Math.Clamp(micros, 0, LargestDuration) * 1000;
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
