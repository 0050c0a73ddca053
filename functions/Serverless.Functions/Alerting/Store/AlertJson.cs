using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Functions.Alerting.Store;

/// <summary>How rows of alerts are written: JSON with camel case, enumerations by name, numbers that are none as texts.</summary>
internal static class AlertJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    public static T Read<T>(AlertRow row) => JsonSerializer.Deserialize<T>(row.Data, Options)
        ?? throw new JsonException($"The row {row.Key} is empty.");
}
