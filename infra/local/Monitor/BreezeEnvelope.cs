using System.Globalization;
using System.Text.Json;
using OpenTelemetry.Resources;

namespace Serverless.Local;

/// <summary>
/// Writes an envelope of the Breeze format: name, time, instrumentation key, <c>ai.*</c> tags, and the data with its type.
/// </summary>
/// <remarks>Source: the ingestion schema of the Azure SDK (Azure.Monitor.OpenTelemetry.Exporter, swagger v2.1) and its limits on properties.</remarks>
internal static class BreezeEnvelope
{
    private const int MaxKeyLength = 150;
    private const int MaxValueLength = 8_192;

    /// <summary>Writes one.</summary>
    /// <param name="kind">What it is, such as <c>Request</c>; the type of the data is that and <c>Data</c>.</param>
    /// <param name="time">When it happened.</param>
    /// <param name="key">The instrumentation key.</param>
    /// <param name="resource">What app it is of.</param>
    /// <param name="tags">The tags besides those of the app.</param>
    /// <param name="data">Writes the data's members.</param>
    public static byte[] Write(
        string kind, DateTime time, string key, Resource resource, IEnumerable<KeyValuePair<string, string?>> tags, Action<Utf8JsonWriter> data)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("name", kind);
            json.WriteString("time", time.ToString("O", CultureInfo.InvariantCulture));
            json.WriteNumber("sampleRate", 100);
            json.WriteString("iKey", key);
            json.WriteStartObject("tags");
            json.WriteString("ai.cloud.role", Attribute(resource, "service.name"));
            json.WriteString("ai.cloud.roleInstance", Attribute(resource, "service.instance.id"));
            json.WriteString("ai.internal.sdkVersion", "local");
            foreach (var (tag, value) in tags)
            {
                if (value is not null)
                    json.WriteString(tag, value);
            }

            json.WriteEndObject();
            json.WriteStartObject("data");
            json.WriteString("baseType", kind + "Data");
            json.WriteStartObject("baseData");
            json.WriteNumber("ver", 2);
            data(json);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>Writes the custom properties; what is too long is cut.</summary>
    public static void Properties(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, object?>> properties)
    {
        json.WriteStartObject("properties");
        foreach (var (key, value) in properties)
        {
            if (key.Length <= MaxKeyLength && Convert.ToString(value, CultureInfo.InvariantCulture) is { } text)
                json.WriteString(key, text.Length <= MaxValueLength ? text : text[..MaxValueLength]);
        }

        json.WriteEndObject();
    }

    private static string Attribute(Resource resource, string name) => resource.Attributes.FirstOrDefault(a => a.Key == name).Value?.ToString() ?? "";
}
