using System.Globalization;
using System.Text.Json;

namespace Serverless.Local;

/// <summary>The settings of host.json that the local runner honours; others are left alone.</summary>
internal sealed class HostFile
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>What stands before the route of every HTTP function.</summary>
    public string RoutePrefix { get; private init; } = "api";

    /// <summary>The settings of event hub triggers.</summary>
    public EventHubSettings EventHubs { get; private init; } = new();

    /// <summary>Reads the file; the host's defaults where there is none.</summary>
    /// <exception cref="LocalPlatformException">It is malformed; the message names the setting.</exception>
    public static HostFile Load(string folder)
    {
        var path = Path.Combine(folder, "host.json");
        return File.Exists(path) ? Parse(File.ReadAllText(path)) : new HostFile();
    }

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="LocalPlatformException">It is malformed; the message names the setting.</exception>
    public static HostFile Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Lenient);
            var extensions = Section(document.RootElement, "extensions");
            var http = Section(extensions, "http");
            return new HostFile
            {
                RoutePrefix = Text(http, "routePrefix", "extensions.http") is { } prefix ? prefix.Trim('/') : "api",
                EventHubs = ReadEventHubs(Section(extensions, "eventHubs")),
            };
        }
        catch (JsonException e)
        {
            throw new LocalPlatformException($"host.json is not valid JSON: {e.Message}", e);
        }
    }

    private static EventHubSettings ReadEventHubs(JsonElement section)
    {
        const string Path = "extensions.eventHubs";
        var defaults = new EventHubSettings();
        var maximum = Number(section, "maxEventBatchSize", Path, 1, defaults.MaxEventBatchSize);
        var minimum = Number(section, "minEventBatchSize", Path, 1, defaults.MinEventBatchSize);
        if (minimum > maximum)
            throw Malformed($"{Path}.minEventBatchSize", $"at most maxEventBatchSize ({maximum})", minimum.ToString(CultureInfo.InvariantCulture));
        var initial = Section(section, "initialOffsetOptions");
        return new EventHubSettings
        {
            MaxEventBatchSize = maximum,
            MinEventBatchSize = minimum,
            MaxWaitTime = Interval(section, "maxWaitTime", Path, EventHubSettings.LongestMaxWaitTime, defaults.MaxWaitTime),
            PrefetchCount = Number(section, "prefetchCount", Path, 1, defaults.PrefetchCount),
            BatchCheckpointFrequency = Number(section, "batchCheckpointFrequency", Path, 1, defaults.BatchCheckpointFrequency),
            EnableCheckpointing = Switch(section, "enableCheckpointing", Path, defaults.EnableCheckpointing),
            StartsAtEnd = Text(initial, "type", $"{Path}.initialOffsetOptions") switch
            {
                null => false,
                var type when type.Equals("fromStart", StringComparison.OrdinalIgnoreCase) => false,
                var type when type.Equals("fromEnd", StringComparison.OrdinalIgnoreCase) => true,
                var type => throw Malformed($"{Path}.initialOffsetOptions.type", "fromStart or fromEnd (the local platform has no fromEnqueuedTime)", type),
            },
        };
    }

    private static JsonElement Section(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var section) ? section : default;

    private static string? Text(JsonElement parent, string name, string path) => Section(parent, name) switch
    {
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        var value => throw Malformed($"{path}.{name}", "a string", value.GetRawText()),
    };

    private static int Number(JsonElement parent, string name, string path, int least, int fallback) => Section(parent, name) switch
    {
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => fallback,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) && number >= least => number,
        var value => throw Malformed($"{path}.{name}", $"a whole number of at least {least}", value.GetRawText()),
    };

    private static bool Switch(JsonElement parent, string name, string path, bool fallback) => Section(parent, name) switch
    {
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => fallback,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        var value => throw Malformed($"{path}.{name}", "true or false", value.GetRawText()),
    };

    private static TimeSpan Interval(JsonElement parent, string name, string path, TimeSpan longest, TimeSpan fallback)
    {
        if (Text(parent, name, path) is not { } text)
            return fallback;
        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero && interval <= longest
            ? interval
            : throw Malformed($"{path}.{name}", $"a time (HH:mm:ss) above zero and of at most {longest}", text);
    }

    private static LocalPlatformException Malformed(string setting, string expected, string text) =>
        new($"host.json: {setting} must be {expected}, not {text}.");
}
