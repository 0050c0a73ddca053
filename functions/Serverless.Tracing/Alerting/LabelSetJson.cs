using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Tracing.Alerting;

/// <summary>Labels as a JSON object.</summary>
public sealed class LabelSetJson : JsonConverter<LabelSet>
{
    /// <inheritdoc/>
    public override LabelSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("Labels are an object of texts.");
        var labels = new List<KeyValuePair<string, string>>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                throw new JsonException($"The label '{name}' is not a text.");
            labels.Add(KeyValuePair.Create(name, reader.GetString()!));
        }

        return LabelSet.Of(labels);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LabelSet value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value.Values)
            writer.WriteString(name, text);
        writer.WriteEndObject();
    }
}
