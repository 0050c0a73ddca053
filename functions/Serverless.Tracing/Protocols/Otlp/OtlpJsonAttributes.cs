using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Writes attributes as OTLP's JSON has them: a list of keys with typed values, 64-bit integers as strings, so that all survives.</summary>
public static class OtlpJsonAttributes
{
    /// <summary>Writes attributes as a property; nothing where there are none.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> property, IReadOnlyList<SpanAttribute> attributes)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(attributes);
        if (attributes.Count == 0)
            return;
        json.WriteStartArray(property);
        WriteEntries(json, attributes);
        json.WriteEndArray();
    }

    private static void WriteEntries(Utf8JsonWriter json, IReadOnlyList<SpanAttribute> entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, entries[i].Key);
            json.WritePropertyName("value"u8);
            WriteValue(json, entries[i].Value);
            json.WriteEndObject();
        }
    }

    // The decoders bound how deep values are nested.
    private static void WriteValue(Utf8JsonWriter json, AttributeValue value)
    {
        json.WriteStartObject();
        switch (value.Type)
        {
            case AttributeType.String:
                json.WriteString("stringValue"u8, value.Text);
                break;
            case AttributeType.True or AttributeType.False:
                json.WriteBoolean("boolValue"u8, value.Type == AttributeType.True);
                break;
            case AttributeType.Int64:
                Span<byte> digits = stackalloc byte[20];
                value.Int64.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
                json.WriteString("intValue"u8, digits[..length]);
                break;
            case AttributeType.Double when double.IsFinite(value.Double):
                json.WriteNumber("doubleValue"u8, value.Double);
                break;
            case AttributeType.Double:
                json.WriteString("doubleValue"u8, value.Double.ToString(CultureInfo.InvariantCulture));
                break;
            case AttributeType.Bytes:
                json.WriteBase64String("bytesValue"u8, value.Bytes);
                break;
            case AttributeType.Array:
                json.WriteStartObject("arrayValue"u8);
                json.WriteStartArray("values"u8);
                for (var i = 0; i < value.Items.Count; i++)
                    WriteValue(json, value.Items[i]);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case AttributeType.Map:
                json.WriteStartObject("kvlistValue"u8);
                json.WriteStartArray("values"u8);
                WriteEntries(json, value.Entries);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
    }
}
