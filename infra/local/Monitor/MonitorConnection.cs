namespace Serverless.Local;

/// <summary>A connection string of Application Insights: <c>InstrumentationKey=...;IngestionEndpoint=...</c>; keys in any case.</summary>
/// <param name="InstrumentationKey">Which resource.</param>
/// <param name="Track">Where envelopes are posted.</param>
internal sealed record MonitorConnection(string InstrumentationKey, Uri Track)
{
    /// <summary>The variable that has it.</summary>
    public const string Variable = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    private const string DefaultEndpoint = "https://dc.services.visualstudio.com/";

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidOperationException">There is no instrumentation key, or the endpoint is no address.</exception>
    public static MonitorConnection Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (pair.Split('=', 2) is [var key, var value])
                values[key] = value;
        }

        if (!values.TryGetValue("InstrumentationKey", out var instrumentationKey) || instrumentationKey.Length == 0)
            throw new InvalidOperationException("The connection string has no InstrumentationKey.");
        var endpoint = values.TryGetValue("IngestionEndpoint", out var given) ? given
            : values.TryGetValue("EndpointSuffix", out var suffix) ? $"https://{(values.TryGetValue("Location", out var location) ? location + "." : "")}dc.{suffix}"
            : DefaultEndpoint;
        return Uri.TryCreate(endpoint.TrimEnd('/') + "/v2.1/track", UriKind.Absolute, out var track)
            ? new MonitorConnection(instrumentationKey, track)
            : throw new InvalidOperationException($"The connection string's endpoint is no address: '{endpoint}'.");
    }
}
