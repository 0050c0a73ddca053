using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Serverless.Functions.Operations;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>
/// A built Zipkin Lens (setting <c>Tracing:ZipkinLensFolder</c>), read once. A request can only name what was there at the start: no path of a
/// request ever reaches the file system.
/// </summary>
public sealed partial class LensFiles
{
    private const string Index = "index.html";
    private const int MaxFiles = 500;
    private const long MaxFileBytes = 16 * 1024 * 1024;
    private const int LeastCompressedBytes = 2048;

    private readonly FrozenDictionary<string, PageFile> _files;

    /// <summary>Reads the folder of the settings.</summary>
    /// <exception cref="InvalidDataException">It is no built Lens.</exception>
    public LensFiles(TracingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.ZipkinLensFolder.Length == 0)
        {
            _files = FrozenDictionary<string, PageFile>.Empty;
            return;
        }

        var folder = Path.Combine(AppContext.BaseDirectory, settings.ZipkinLensFolder);
        if (!System.IO.File.Exists(Path.Combine(folder, Index)))
            throw new InvalidDataException($"Tracing:ZipkinLensFolder is '{folder}', which has no {Index}: set it to the folder that the build of Zipkin Lens made.");
        var paths = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        if (paths.Length > MaxFiles)
            throw new InvalidDataException($"'{folder}' has {paths.Length} files, more than {MaxFiles}: that is no build of Zipkin Lens.");
        _files = paths
            .Select(path => KeyValuePair.Create(Path.GetRelativePath(folder, path).Replace('\\', '/'), Read(path)))
            .ToFrozenDictionary(StringComparer.Ordinal);
        Page = PageOf(_files[Index].Plain, settings.ZipkinPage.BasePath);
    }

    /// <summary>The page, which knows the path that browsers see it under; null where there is none.</summary>
    internal PageFile? Page { get; }

    /// <summary>Another file, by its path below the folder; null where there is none.</summary>
    internal PageFile? File(string path) => _files.GetValueOrDefault(path);

    /// <summary>A file of these bytes.</summary>
    internal static PageFile FileOf(string contentType, byte[] bytes) =>
        new(contentType, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"", bytes, null, Compress(bytes));

    // Zipkin's server sets the base likewise: all that the page loads and calls is below it.
    private static PageFile PageOf(byte[] index, string basePath)
    {
        var tag = $"<base href=\"{basePath.TrimEnd('/')}/\">";
        var html = Encoding.UTF8.GetString(index);
        html = BaseTag().IsMatch(html) ? BaseTag().Replace(html, tag, 1) : html.Replace("<head>", "<head>" + tag, StringComparison.Ordinal);
        return FileOf(ContentTypeOf(Index), Encoding.UTF8.GetBytes(html));
    }

    private static PageFile Read(string path)
    {
        var length = new FileInfo(path).Length;
        return length <= MaxFileBytes
            ? FileOf(ContentTypeOf(path), System.IO.File.ReadAllBytes(path))
            : throw new InvalidDataException($"'{path}' has {length} bytes, more than {MaxFileBytes}: that is not of a build of Zipkin Lens.");
    }

    private static byte[]? Compress(byte[] bytes)
    {
        if (bytes.Length < LeastCompressedBytes)
            return null;
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(bytes);
        return compressed.Length < bytes.Length ? compressed.ToArray() : null;
    }

    private static string ContentTypeOf(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".json" or ".map" => "application/json",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff" => "font/woff",
        ".woff2" => "font/woff2",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };

    [GeneratedRegex("<base\\s[^>]*>")]
    private static partial Regex BaseTag();
}
