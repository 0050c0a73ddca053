using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Protocols.Protobuf;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>
/// Reads the objects of a request in one pass. It stands on a value's first token; each method reads that value and
/// leaves the reader on its last token.
/// </summary>
/// <remarks>
/// The mapping: https://protobuf.dev/programming-guides/json/, with OTLP's exceptions for ids and enums,
/// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding.
/// </remarks>
internal ref struct OtlpJsonReader
{
    public const string Format = "OTLP JSON";

    private readonly ReadOnlySpan<byte> _body;
    private readonly int _maxDepth;
    private readonly OtlpDecodeContext _context;
    private int _depth;
    private Utf8JsonReader _json;

    public OtlpJsonReader(ReadOnlySpan<byte> body, OtlpDecodeContext context)
    {
        _body = body;
        _context = context;
        _maxDepth = context.Limits.MaxDepth;
        // A message is an object, mostly in an array, the request itself an object around them.
        _json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = (2 * _maxDepth) + 2 });
    }

    /// <summary>The byte at which the current token begins.</summary>
    public readonly int Offset => (int)_json.TokenStartIndex;

    /// <summary>Reads the opening of the request.</summary>
    public void Begin()
    {
        if (_body.IsEmpty)
            throw new MalformedSpansException(Format, "", 0, "the body is empty, a JSON object expected");
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartObject)
            FailType("an object");
    }

    /// <summary>Makes sure that nothing follows the request.</summary>
    public void End()
    {
        if (_json.Read())
            Fail("end of the body expected");
    }

    /// <summary>Enters an object that is a message inside the request.</summary>
    public void Enter()
    {
        if (_json.TokenType != JsonTokenType.StartObject)
            FailType("an object");
        if (++_depth > _maxDepth)
            Fail($"nested more than {_maxDepth} messages deep");
    }

    /// <summary>
    /// Goes on to the next property that is not null and to its value; false at the end of the object.
    /// </summary>
    /// <param name="message">The message that the object is.</param>
    /// <param name="field">The number of the message's field, 0 for a property that it does not have.</param>
    public bool TryReadField(ProtobufMessage message, out uint field)
    {
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            field = message.Find(_json.ValueIsEscaped ? Unescape(_json.ValueSpan) : _json.ValueSpan);
            _json.Read();
            if (_json.TokenType != JsonTokenType.Null)
                return true;
        }

        _depth--;
        field = 0;
        return false;
    }

    /// <summary>Enters an array.</summary>
    public readonly void EnterArray()
    {
        if (_json.TokenType != JsonTokenType.StartArray)
            FailType("an array");
    }

    /// <summary>Goes on to the array's next element; false at its end.</summary>
    public bool TryReadElement() => _json.Read() && _json.TokenType != JsonTokenType.EndArray;

    /// <summary>True for an element that is null.</summary>
    public readonly bool IsNull => _json.TokenType == JsonTokenType.Null;

    /// <summary>Leaves the value out.</summary>
    public void Skip() => _json.Skip();

    /// <summary>Reads a text; it holds until the next one is read.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        if (_json.TokenType != JsonTokenType.String)
            FailType("a string");
        return _json.ValueIsEscaped ? Unescape(_json.ValueSpan) : _json.ValueSpan;
    }

    /// <summary>Reads a text as it stands in the body, for <see cref="Unescape"/> later.</summary>
    public readonly ReadOnlySpan<byte> ReadEscaped(out bool isEscaped)
    {
        if (_json.TokenType != JsonTokenType.String)
            FailType("a string");
        isEscaped = _json.ValueIsEscaped;
        return _json.ValueSpan;
    }

    /// <summary>Resolves the escapes of a text; the result holds until the next text is read.</summary>
    public readonly ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> escaped)
    {
        var buffer = _context.GetBuffer(escaped.Length);
        return buffer.AsSpan(0, JsonEscapes.Resolve(escaped, buffer));
    }

    /// <summary>Reads a name or key.</summary>
    public int ReadName()
    {
        if (!_context.TryInternName(ReadUtf8(), out var id))
            FailUtf8();
        return id;
    }

    /// <summary>Reads a text.</summary>
    public int ReadText()
    {
        if (!_context.TryInternValue(ReadUtf8(), out var id))
            FailUtf8();
        return id;
    }

    /// <summary>Reads a boolean.</summary>
    public readonly bool ReadBoolean()
    {
        if (_json.TokenType is not (JsonTokenType.True or JsonTokenType.False))
            FailType("true or false");
        return _json.TokenType == JsonTokenType.True;
    }

    /// <summary>Reads an int64: a number, or one in a string.</summary>
    public readonly long ReadInt64()
    {
        var digits = Digits();
        if (Utf8Parser.TryParse(digits, out long value, out var used) && used == digits.Length)
            return value;
        if (!TryReadWhole(digits, out var whole) || whole < long.MinValue || whole > long.MaxValue)
            FailType("an integer of 64 bits");
        return (long)whole;
    }

    /// <summary>Reads a fixed64: a number, or one in a string.</summary>
    public readonly ulong ReadUInt64()
    {
        var digits = Digits();
        if (Utf8Parser.TryParse(digits, out ulong value, out var used) && used == digits.Length)
            return value;
        if (!TryReadWhole(digits, out var whole) || whole < 0 || whole > ulong.MaxValue)
            FailType("an unsigned integer of 64 bits");
        return (ulong)whole;
    }

    /// <summary>Reads a uint32 or fixed32: a number, or one in a string.</summary>
    public readonly uint ReadUInt32()
    {
        var digits = Digits();
        if (Utf8Parser.TryParse(digits, out uint value, out var used) && used == digits.Length)
            return value;
        if (!TryReadWhole(digits, out var whole) || whole < 0 || whole > uint.MaxValue)
            FailType("an unsigned integer of 32 bits");
        return (uint)whole;
    }

    /// <summary>Reads a double: a number, one in a string, or <c>NaN</c>, <c>Infinity</c> or <c>-Infinity</c> in a string.</summary>
    public readonly double ReadDouble()
    {
        var text = Digits();
        if (text.SequenceEqual("NaN"u8))
            return double.NaN;
        if (text.SequenceEqual("Infinity"u8))
            return double.PositiveInfinity;
        if (text.SequenceEqual("-Infinity"u8))
            return double.NegativeInfinity;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            FailType("a number of 64 bits, or \"NaN\", \"Infinity\" or \"-Infinity\"");
        return value;
    }

    /// <summary>Reads an enum: its number or its name; one that is not among the names, which begin at 0, reads -1.</summary>
    public int ReadEnum(ReadOnlySpan<byte[]> names)
    {
        if (_json.TokenType == JsonTokenType.Number)
            return (int)ReadInt64();
        var name = ReadUtf8();
        for (var i = 0; i < names.Length; i++)
        {
            if (name.SequenceEqual(names[i]))
                return i;
        }

        return Utf8Parser.TryParse(name, out int number, out var used) && used == name.Length ? number : -1;
    }

    /// <summary>Reads bytes in base64, the standard one or that for URLs, padded or not; they hold until the next text is read.</summary>
    public ReadOnlySpan<byte> ReadBase64()
    {
        var text = ReadUtf8().TrimEnd((byte)'=');
        var buffer = _context.GetBuffer(2 * text.Length).AsSpan(0, 2 * text.Length);
        // The text may stand in the buffer already, at its beginning.
        text.CopyTo(buffer);
        text = buffer[..text.Length];
        buffer[..text.Length].Replace((byte)'+', (byte)'-');
        buffer[..text.Length].Replace((byte)'/', (byte)'_');
        var bytes = buffer[text.Length..];
        if (Base64Url.DecodeFromUtf8(text, bytes, out _, out var size) != OperationStatus.Done)
            FailType("bytes in base64");
        return bytes[..size];
    }

    /// <summary>Refuses the body for what is wrong with the current token.</summary>
    [DoesNotReturn]
    public readonly void Fail(string reason) => throw new MalformedSpansException(Format, PathOf(Offset), Offset, reason);

    /// <summary>Says where the current text stops being UTF-8.</summary>
    [DoesNotReturn]
    public readonly void FailUtf8()
    {
        // The text begins behind its quotation mark; where it has escapes, those are ASCII and do not move what is invalid.
        var offset = Offset + 1 + Utf8Text.FirstInvalid(_json.ValueSpan);
        throw new MalformedSpansException(Format, PathOf(Offset), offset, "invalid UTF-8");
    }

    /// <summary>The path of the token that begins at a byte.</summary>
    public readonly string PathOf(int offset) => OtlpJsonPath.Of(_body, offset);

    [DoesNotReturn]
    private readonly void FailType(string expected) => Fail($"{Describe()}, {expected} expected");

    private readonly string Describe() => _json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => $"the string \"{OtlpJsonPath.Printable(_json.ValueSpan)}\"",
        JsonTokenType.Number => $"the number {OtlpJsonPath.Printable(_json.ValueSpan)}",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => "null",
    };

    private readonly ReadOnlySpan<byte> Digits()
    {
        if (_json.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
            FailType("a number");
        return _json.ValueSpan;
    }

    /// <summary>Reads an integer that is written with a fraction or exponent, as some senders write large ones.</summary>
    private static bool TryReadWhole(ReadOnlySpan<byte> digits, out decimal whole) =>
        decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out whole) && decimal.Truncate(whole) == whole;
}
