using System.Text.Json;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Reads JSON as Go's <c>json.Unmarshal</c> does, with its texts for what is of another type.</summary>
internal static class GoJson
{
    /// <summary>Reads an object of texts (Go's <c>map[string]string</c>); null is an empty one.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="values">Takes the texts; a key that is there already gets the new one.</param>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    public static void ReadTexts(string json, Dictionary<string, string> values)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Null)
                return;
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new InvalidQueryException($"json: cannot unmarshal {NameOf(document.RootElement)} into Go value of type map[string]string");
            foreach (var value in document.RootElement.EnumerateObject())
            {
                values[value.Name] = value.Value.ValueKind == JsonValueKind.String
                    ? value.Value.GetString()!
                    : throw new InvalidQueryException($"json: cannot unmarshal {NameOf(value.Value)} into Go value of type string");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidQueryException(e.Message);
        }
    }

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
