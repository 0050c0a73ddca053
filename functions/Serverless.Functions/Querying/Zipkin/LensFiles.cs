using System.Text.RegularExpressions;
using Serverless.Functions.Operations;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>A built Zipkin Lens, where the settings name a folder with one (setting <c>Tracing:ZipkinLensFolder</c>).</summary>
public sealed partial class LensFiles
{
    private const string Index = "index.html";

    private readonly UiFiles? _files;

    /// <summary>Reads the folder of the settings.</summary>
    /// <exception cref="InvalidDataException">It is no built Lens.</exception>
    public LensFiles(TracingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.ZipkinLensFolder.Length > 0)
        {
            _files = new UiFiles(
                Path.Combine(AppContext.BaseDirectory, settings.ZipkinLensFolder), $"{TracingSettings.Section}:{nameof(TracingSettings.ZipkinLensFolder)}",
                index => Edit(index, settings.ZipkinPage.BasePath));
        }
    }

    /// <summary>The page, which knows the path that browsers see it under; null where there is none.</summary>
    internal PageFile? Page => _files?.Page;

    /// <summary>Another file, by its path below the folder; null where there is none.</summary>
    internal PageFile? File(string path) => path == Index ? Page : _files?.File(path);

    // Zipkin's server sets the base likewise: all that the page loads and calls is below it.
    private static string Edit(string html, string basePath)
    {
        var tag = $"<base href=\"{basePath.TrimEnd('/')}/\">";
        return BaseTag().IsMatch(html) ? BaseTag().Replace(html, tag, 1) : html.Replace("<head>", "<head>" + tag, StringComparison.Ordinal);
    }

    [GeneratedRegex("<base\\s[^>]*>")]
    private static partial Regex BaseTag();
}
