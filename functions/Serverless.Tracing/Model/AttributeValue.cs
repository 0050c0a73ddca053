using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Serverless.Tracing.Model;

/// <summary>The value of an attribute, of any of OpenTelemetry's types.</summary>
public readonly struct AttributeValue
{
    private readonly long _bits;
    private readonly object? _object;

    private AttributeValue(AttributeType type, long bits, object? value)
    {
        Type = type;
        _bits = bits;
        _object = value;
    }

    /// <summary>What the value is.</summary>
    public AttributeType Type { get; }

    /// <summary>The text of a <see cref="AttributeType.String"/>.</summary>
    public string Text => (string)_object!;

    /// <summary>The number of an <see cref="AttributeType.Int64"/>.</summary>
    public long Int64 => _bits;

    /// <summary>The number of a <see cref="AttributeType.Double"/>.</summary>
    public double Double => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The bytes of <see cref="AttributeType.Bytes"/>.</summary>
    public byte[] Bytes => (byte[])_object!;

    /// <summary>The elements of an <see cref="AttributeType.Array"/>.</summary>
    public IReadOnlyList<AttributeValue> Items => (IReadOnlyList<AttributeValue>)_object!;

    /// <summary>The entries of a <see cref="AttributeType.Map"/>.</summary>
    public IReadOnlyList<SpanAttribute> Entries => (IReadOnlyList<SpanAttribute>)_object!;

    /// <summary>True for a boolean.</summary>
    public bool IsBoolean => Type is AttributeType.True or AttributeType.False;

    /// <summary>A hash for <see cref="IsIdentical"/>.</summary>
    internal int IdentityHash => (int)Type ^ (int)_bits ^ (int)(_bits >> 32) ^ (_object is null ? 0 : RuntimeHelpers.GetHashCode(_object));

    /// <summary>A text value.</summary>
    public static AttributeValue Of(string text) => new(AttributeType.String, 0, text);

    /// <summary>A boolean value.</summary>
    public static AttributeValue Of(bool value) => new(value ? AttributeType.True : AttributeType.False, 0, null);

    /// <summary>An integer value.</summary>
    public static AttributeValue Of(long value) => new(AttributeType.Int64, value, null);

    /// <summary>A floating-point value.</summary>
    public static AttributeValue Of(double value) => new(AttributeType.Double, BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>A value of bytes.</summary>
    public static AttributeValue Of(byte[] value) => new(AttributeType.Bytes, 0, value);

    /// <summary>A list value.</summary>
    public static AttributeValue Of(IReadOnlyList<AttributeValue> items) => new(AttributeType.Array, 0, items);

    /// <summary>A map value.</summary>
    public static AttributeValue Of(IReadOnlyList<SpanAttribute> entries) => new(AttributeType.Map, 0, entries);

    /// <summary>
    /// The value as text, as searches compare it: text as it is, <c>true</c> and <c>false</c>, numbers in the shortest
    /// invariant form, bytes as base64, lists and maps as JSON, nothing as the empty text.
    /// </summary>
    public override string ToString() => Type switch
    {
        AttributeType.String => Text,
        AttributeType.True => "true",
        AttributeType.False => "false",
        AttributeType.Int64 => _bits.ToString(CultureInfo.InvariantCulture),
        AttributeType.Double => Double.ToString("R", CultureInfo.InvariantCulture),
        AttributeType.Bytes => Convert.ToBase64String(Bytes),
        AttributeType.Array or AttributeType.Map => AppendJson(new StringBuilder()).ToString(),
        _ => "",
    };

    /// <summary>The same number, or the very same text or list: for those who keep what they made of it.</summary>
    internal bool IsIdentical(in AttributeValue other) => Type == other.Type && _bits == other._bits && ReferenceEquals(_object, other._object);

    private StringBuilder AppendJson(StringBuilder json)
    {
        switch (Type)
        {
            case AttributeType.Array:
                json.Append('[');
                for (var i = 0; i < Items.Count; i++)
                    Items[i].AppendJson(i == 0 ? json : json.Append(','));
                return json.Append(']');
            case AttributeType.Map:
                json.Append('{');
                for (var i = 0; i < Entries.Count; i++)
                {
                    AppendText(i == 0 ? json : json.Append(','), Entries[i].Key).Append(':');
                    Entries[i].Value.AppendJson(json);
                }

                return json.Append('}');
            case AttributeType.Empty:
                return json.Append("null");
            case AttributeType.True or AttributeType.False or AttributeType.Int64:
                return json.Append(ToString());
            case AttributeType.Double when double.IsFinite(Double):
                return json.Append(ToString());
            default:
                return AppendText(json, ToString());
        }
    }

    private static StringBuilder AppendText(StringBuilder json, string text) =>
        json.Append('"').Append(System.Text.Json.JsonEncodedText.Encode(
            text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value).Append('"');
}
