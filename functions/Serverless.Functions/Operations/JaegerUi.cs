using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Serverless.Functions.Operations;

/// <summary>
/// Jaeger's own page, where the settings name a folder with a build of it. What Jaeger's server writes into the page's
/// <c>index.html</c> is written here too (jaegerquery's static_handler.go): configuration, capabilities, version.
/// </summary>
public sealed partial class JaegerUi
{
    /// <summary>What the paths of the page's files begin with.</summary>
    internal const string FilePaths = "static/";

    /// <summary>Reads the page that the settings name.</summary>
    /// <exception cref="InvalidDataException">The folder or the configuration is none.</exception>
    public JaegerUi(TracingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.JaegerUiFolder.Length > 0)
            Files = new UiFiles(settings.JaegerUiFolder, Setting(nameof(TracingSettings.JaegerUiFolder)), index => Edit(index, settings));
    }

    /// <summary>The page, or null where there is none.</summary>
    internal UiFiles? Files { get; }

    private static string Edit(string index, TracingSettings settings)
    {
        var (pattern, config) = Configuration(settings);
        index = pattern.Replace(index, _ => config, 1);
        index = BackendCapabilities().Replace(index, _ => Assignment("JAEGER_BACKEND_CAPABILITIES", new
        {
            archiveStorage = true, metricsStorage = true, searchWithoutServiceName = true, aiAssistant = false,
        }));
        index = StorageCapabilities().Replace(index, _ => Assignment("JAEGER_STORAGE_CAPABILITIES", new { archiveStorage = true, metricsStorage = true }));
        var version = typeof(JaegerUi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        return Version().Replace(index, _ => Assignment("JAEGER_VERSION", new { gitCommit = "", gitVersion = version, buildDate = "" }));
    }

    private static (Regex Pattern, string Text) Configuration(TracingSettings settings)
    {
        var file = settings.JaegerUiConfigFile;
        if (file.Length == 0)
            return (Config(), Assignment("JAEGER_CONFIG", Everything(settings)));
        var name = $"The setting {Setting(nameof(TracingSettings.JaegerUiConfigFile))} names '{file}'";
        if (!File.Exists(file))
            throw new InvalidDataException($"{name}, which does not exist.");
        var text = File.ReadAllText(file);
        switch (Path.GetExtension(file).ToLowerInvariant())
        {
            case ".json":
                return (Config(), Assignment("JAEGER_CONFIG", ReadObject(text, name)));
            case ".js":
                return UiConfigFunction().IsMatch(text)
                    ? (ConfigScript(), text.Trim())
                    : throw new InvalidDataException($"{name}, which does not define a function UIConfig().");
            default:
                throw new InvalidDataException($"{name}, which is neither a .json nor a .js file.");
        }
    }

    private static JsonElement ReadObject(string text, string name)
    {
        try
        {
            var config = JsonDocument.Parse(text).RootElement;
            return config.ValueKind == JsonValueKind.Object ? config : throw new InvalidDataException($"{name}, which holds no JSON object.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name}, which is not JSON: {e.Message}", e);
        }
    }

    // What the page hides unless told that there is something behind it. Of its own configuration it keeps what is not named here, but only whole
    // entries, except for "dependencies" and "search", which it merges field by field: so an entry is named with all its fields or not at all.
    private static object Everything(TracingSettings settings) => new
    {
        archiveEnabled = true,
        dependencies = new { menuEnabled = true },
        deepDependencies = new { menuEnabled = true },
        qualityMetrics = new { menuEnabled = true, menuLabel = "Trace Quality", apiEndpoint = "/api/quality-metrics" },
        search = new
        {
            maxLimit = settings.MaxSearchTraces,
            maxLookback = new { label = $"{settings.RetentionDays} Days", value = $"{settings.RetentionDays}d" },
        },
    };

    // The serializer escapes what could end a script.
    private static string Assignment(string name, object value) => $"{name} = {JsonSerializer.Serialize(value)};";

    private static string Setting(string name) => $"{TracingSettings.Section}:{name}";

    [GeneratedRegex("JAEGER_CONFIG *= *DEFAULT_CONFIG;", RegexOptions.None, 1_000)]
    private static partial Regex Config();

    [GeneratedRegex(@"^\s*//\s*JAEGER_CONFIG_JS.*\n.*", RegexOptions.Multiline | RegexOptions.IgnoreCase, 1_000)]
    private static partial Regex ConfigScript();

    [GeneratedRegex(@"function\s+UIConfig\s*\(\s*\)\s*\{", RegexOptions.None, 1_000)]
    private static partial Regex UiConfigFunction();

    [GeneratedRegex("JAEGER_BACKEND_CAPABILITIES *= *DEFAULT_BACKEND_CAPABILITIES;", RegexOptions.None, 1_000)]
    private static partial Regex BackendCapabilities();

    [GeneratedRegex("JAEGER_STORAGE_CAPABILITIES *= *DEFAULT_STORAGE_CAPABILITIES;", RegexOptions.None, 1_000)]
    private static partial Regex StorageCapabilities();

    [GeneratedRegex("JAEGER_VERSION *= *DEFAULT_VERSION;", RegexOptions.None, 1_000)]
    private static partial Regex Version();
}
