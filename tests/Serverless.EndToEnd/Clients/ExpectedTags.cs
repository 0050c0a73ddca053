using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.EndToEnd.Clients;

/// <summary>Values as the APIs give them.</summary>
internal static class ExpectedTags
{
    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As the text of a Zipkin tag: numbers in their shortest form.</summary>
    public static string Text(ClientTag tag) => tag.Type == "float64" ? Number(tag).ToString("R", CultureInfo.InvariantCulture) : tag.Value;

    /// <summary>As a KeyValue of Jaeger; lists are their JSON.</summary>
    public static JsonObject KeyValue(ClientTag tag) => new()
    {
        ["key"] = tag.Key,
        ["type"] = tag.Type == "list" ? "string" : tag.Type,
        ["value"] = tag.Type is "list" or "binary" ? tag.Value : Json(tag),
    };

    /// <summary>As JSON of its own type.</summary>
    public static JsonNode Json(ClientTag tag) => tag.Type switch
    {
        "bool" => bool.Parse(tag.Value),
        "int64" => long.Parse(tag.Value, CultureInfo.InvariantCulture),
        "float64" => Number(tag),
        "list" => JsonNode.Parse(tag.Value)!,
        _ => tag.Value,
    };

    private static double Number(ClientTag tag) => double.Parse(tag.Value, CultureInfo.InvariantCulture);
}
