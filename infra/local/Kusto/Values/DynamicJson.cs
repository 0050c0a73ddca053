using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Serverless.Local.Kusto;

/// <summary>Dynamic values as JSON, and back.</summary>
internal static class DynamicJson
{
    /// <summary>Deeper text is not taken for JSON.</summary>
    public const int MaxDepth = 64;

    /// <summary>Characters of a value as JSON: values may hold each other many times, so that small ones can be very long.</summary>
    private const int MaxLength = 16 << 20;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth };

    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>Reads JSON; text that is none is a dynamic string, and nothing is null.</summary>
    public static Value Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Value.Null;
        var first = text.AsSpan().TrimStart()[0];
        // Most texts that are no JSON show it in the first letter; the exception of the reader would cost a thousand times as much.
        if (first is not ('{' or '[' or '"' or '-' or 't' or 'f' or 'n') && !char.IsAsciiDigit(first))
            return Value.String(text);
        try
        {
            using var document = JsonDocument.Parse(text, Options);
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return Value.String(text);
        }
    }

    public static string Write(Value value, bool sorted = false)
    {
        var text = new StringBuilder();
        Append(text, value, sorted);
        return text.ToString();
    }

    private static Value Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var bag = new DynamicBag();
                foreach (var property in element.EnumerateObject())
                    bag.Set(property.Name, Read(property.Value));
                return Value.Bag(bag);
            case JsonValueKind.Array:
                var items = new Value[element.GetArrayLength()];
                var at = 0;
                foreach (var item in element.EnumerateArray())
                    items[at++] = Read(item);
                return Value.Array(items);
            case JsonValueKind.String:
                return Value.String(element.GetString()!);
            case JsonValueKind.Number:
                // As the service does: a number that fits is an int, then a long, then a real.
                if (element.TryGetInt32(out var small))
                    return Value.Int(small);
                return element.TryGetInt64(out var whole) ? Value.Long(whole) : Value.Real(element.GetDouble());
            case JsonValueKind.True:
                return Value.Bool(true);
            case JsonValueKind.False:
                return Value.Bool(false);
            default:
                return Value.Null;
        }
    }

    private static void Append(StringBuilder text, Value value, bool sorted)
    {
        if (text.Length > MaxLength)
            throw KustoException.Execution($"A dynamic value has more than {MaxLength} characters as JSON");
        switch (value.Kind)
        {
            case ValueKind.Null:
                text.Append("null");
                break;
            case ValueKind.Array:
                text.Append('[');
                for (var i = 0; i < value.AsArray.Length; i++)
                {
                    if (i > 0)
                        text.Append(',');
                    Append(text, value.AsArray[i], sorted);
                }
                text.Append(']');
                break;
            case ValueKind.Bag:
                text.Append('{');
                var first = true;
                IEnumerable<KeyValuePair<string, Value>> entries = value.AsBag.Entries;
                if (sorted)
                    entries = entries.OrderBy(entry => entry.Key, StringComparer.Ordinal);
                foreach (var (name, item) in entries)
                {
                    if (!first)
                        text.Append(',');
                    first = false;
                    AppendText(text, name);
                    text.Append(':');
                    Append(text, item, sorted);
                }
                text.Append('}');
                break;
            case ValueKind.Bool or ValueKind.Int or ValueKind.Long:
                text.Append(value.ToString());
                break;
            case ValueKind.Real when double.IsFinite(value.AsReal):
                text.Append(value.ToString());
                break;
            default:
                AppendText(text, value.ToString());
                break;
        }
    }

    private static void AppendText(StringBuilder text, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"\"{Encoder.Encode(value)}\"");
}
