using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Serverless.Functions.Operations;

/// <summary>
/// The built page, read once from <c>wwwroot</c> beside the program. A request can only name what was there at the start: no path of
/// a request ever reaches the file system.
/// </summary>
public sealed class PageFiles
{
    private const string Folder = "wwwroot";
    private const string Index = "index.html";
    private const string Assets = "assets";
    private const int MaxFiles = 100;
    private const long MaxFileBytes = 4 * 1024 * 1024;

    private readonly FrozenDictionary<string, PageFile> _assets;

    /// <summary>Reads the page that was built with the program.</summary>
    public PageFiles()
        : this(Path.Combine(AppContext.BaseDirectory, Folder))
    {
    }

    /// <summary>Reads the page from a folder; a folder that is missing is a page that was not built.</summary>
    /// <exception cref="InvalidDataException">There is more than a page can be.</exception>
    internal PageFiles(string folder)
    {
        Page = Read(Path.Combine(folder, Index));
        var assets = Path.Combine(folder, Assets);
        var names = Directory.Exists(assets) ? Directory.GetFiles(assets).Select(path => Path.GetFileName(path)).Where(name => !IsCompressed(name)).ToArray() : [];
        if (names.Length > MaxFiles)
            throw new InvalidDataException($"'{assets}' has {names.Length} files, more than {MaxFiles}: that is not the page's build.");
        _assets = names.Select(name => KeyValuePair.Create(name, Read(Path.Combine(assets, name))!)).ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The page itself, or null when it was not built.</summary>
    internal PageFile? Page { get; }

    /// <summary>A script, style sheet or drawing of the page, or null where there is none of that name.</summary>
    internal PageFile? Asset(string name) => _assets.GetValueOrDefault(name);

    private static PageFile? Read(string path)
    {
        if (Bytes(path) is not { } plain)
            return null;
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 12))}\"";
        return new PageFile(ContentTypeOf(path), tag, plain, Bytes(path + ".br"), Bytes(path + ".gz"));
    }

    private static byte[]? Bytes(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            return null;
        return file.Length <= MaxFileBytes
            ? File.ReadAllBytes(path)
            : throw new InvalidDataException($"'{path}' has {file.Length} bytes, more than {MaxFileBytes}: that is not of the page's build.");
    }

    private static bool IsCompressed(string name) => Path.GetExtension(name) is ".br" or ".gz";

    /// <summary>The media type of a file, by its name.</summary>
    internal static string ContentTypeOf(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".json" or ".map" => "application/json; charset=utf-8",
        ".txt" => "text/plain; charset=utf-8",
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".gif" => "image/gif",
        ".webp" => "image/webp",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".woff" => "font/woff",
        ".ttf" => "font/ttf",
        _ => "application/octet-stream",
    };
}
