using System.Text.Json;
using System.Text.RegularExpressions;

namespace Serverless.Tests.Querying.Api;

/// <summary>
/// Compares JSON with a schema of the OpenAPI document, by the keywords that the document uses (JSON Schema 2020-12); one that it does
/// not know is an error, so that nothing passes unchecked.
/// </summary>
internal sealed class JsonSchema(JsonElement document)
{
    private static readonly string[] Annotations = ["description", "default", "format", "minimum", "maximum"];

    /// <summary>What does not agree, each with its place; nothing where all does.</summary>
    public IReadOnlyList<string> Check(JsonElement value, JsonElement schema)
    {
        var errors = new List<string>();
        Check(value, schema, "$", errors);
        return errors;
    }

    /// <summary>The schema that a reference names, or the schema itself.</summary>
    public JsonElement Resolve(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference))
        {
            schema = document;
            foreach (var step in reference.GetString()!.TrimStart('#', '/').Split('/'))
                schema = schema.GetProperty(step);
        }

        return schema;
    }

    private void Check(JsonElement value, JsonElement schema, string place, List<string> errors)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            switch (keyword.Name)
            {
                case "$ref":
                    Check(value, Resolve(schema), place, errors);
                    break;
                case "type":
                    if (!Types(keyword.Value).Any(type => Is(value, type)))
                        errors.Add($"{place} is {value.ValueKind}, not {keyword.Value.GetRawText()}");
                    break;
                case "enum":
                    if (!keyword.Value.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
                        errors.Add($"{place} is {value.GetRawText()}, none of {keyword.Value.GetRawText()}");
                    break;
                case "pattern":
                    if (value.ValueKind == JsonValueKind.String && !Regex.IsMatch(value.GetString()!, keyword.Value.GetString()!, RegexOptions.CultureInvariant))
                        errors.Add($"{place} is {value.GetRawText()}, not {keyword.Value.GetString()}");
                    break;
                case "items":
                    if (value.ValueKind == JsonValueKind.Array)
                    {
                        foreach (var (i, item) in value.EnumerateArray().Index())
                            Check(item, keyword.Value, $"{place}[{i}]", errors);
                    }

                    break;
                case "anyOf":
                    if (keyword.Value.EnumerateArray().All(one => Check(value, one).Count > 0))
                        errors.Add($"{place} agrees with none: {string.Join("; ", keyword.Value.EnumerateArray().SelectMany(one => Check(value, one)))}");
                    break;
                case "properties" or "required" or "additionalProperties":
                    break;
                default:
                    if (Array.IndexOf(Annotations, keyword.Name) < 0)
                        errors.Add($"{place}: the schema has the keyword {keyword.Name}, which this check does not know");
                    break;
            }
        }

        if (value.ValueKind == JsonValueKind.Object)
            CheckMembers(value, schema, place, errors);
    }

    private void CheckMembers(JsonElement value, JsonElement schema, string place, List<string> errors)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)))
                errors.Add($"{place}.{name} is missing");
        }

        if (!schema.TryGetProperty("properties", out var properties))
            return;
        foreach (var member in value.EnumerateObject())
        {
            if (properties.TryGetProperty(member.Name, out var known))
                Check(member.Value, known, $"{place}.{member.Name}", errors);
            else if (schema.TryGetProperty("additionalProperties", out var further) && further.ValueKind == JsonValueKind.False)
                errors.Add($"{place}.{member.Name} is not in the schema");
        }
    }

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!) : [type.GetString()!];

    private static bool Is(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDecimal() % 1 == 0,
        "number" => value.ValueKind == JsonValueKind.Number,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => false,
    };
}
