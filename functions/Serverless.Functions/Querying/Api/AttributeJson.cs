using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Api;

/// <summary>Writes attributes as OTLP's JSON does (a list of keys with typed values), so that their types and 64-bit integers survive.</summary>
internal static class AttributeJson
{
    // What is nested deeper was cut when it was received.
    private const int DeepestNesting = 64;

    /// <summary>Writes attributes as the value of a property; nothing where there are none.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> property, IReadOnlyList<SpanAttribute> attributes)
    {
        if (attributes.Count == 0)
            return;
        json.WritePropertyName(property);
        WriteList(json, attributes, 0);
    }

    private static void WriteList(Utf8JsonWriter json, IReadOnlyList<SpanAttribute> attributes, int depth)
    {
        json.WriteStartArray();
        foreach (var attribute in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, attribute.Key);
            json.WritePropertyName("value"u8);
            WriteValue(json, attribute.Value, depth);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, in AttributeValue value, int depth)
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
                json.WriteString("intValue"u8, value.Int64.ToString(CultureInfo.InvariantCulture));
                break;
            case AttributeType.Double when double.IsFinite(value.Double):
                json.WriteNumber("doubleValue"u8, value.Double);
                break;
            case AttributeType.Double:
                json.WriteString("doubleValue"u8, value.Double.ToString("R", CultureInfo.InvariantCulture));
                break;
            case AttributeType.Bytes:
                json.WriteBase64String("bytesValue"u8, value.Bytes);
                break;
            case AttributeType.Array or AttributeType.Map when depth >= DeepestNesting:
                json.WriteString("stringValue"u8, value.ToString());
                break;
            case AttributeType.Array:
                json.WriteStartObject("arrayValue"u8);
                json.WriteStartArray("values"u8);
                foreach (var item in value.Items)
                    WriteValue(json, item, depth + 1);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case AttributeType.Map:
                json.WriteStartObject("kvlistValue"u8);
                json.WritePropertyName("values"u8);
                WriteList(json, value.Entries, depth + 1);
                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
    }
}
