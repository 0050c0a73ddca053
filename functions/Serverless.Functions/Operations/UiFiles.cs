using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Functions.Operations;

/// <summary>
/// The built files of somebody else's page (Jaeger UI, Zipkin Lens), read once from a folder. A request can only name what was there
/// then: no path of a request ever reaches the file system.
/// </summary>
internal sealed class UiFiles
{
    private const string Index = "index.html";
    private const int MaxFiles = 2_000;
    private const long MaxBytes = 256L << 20; // of all files
    private const int WorthCompressingBytes = 2_048;

    private readonly FrozenDictionary<string, PageFile> _files;

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The folder, in which is an <c>index.html</c>.</param>
    /// <param name="setting">The setting that names it, for the texts of errors.</param>
    /// <param name="edit">Makes of the <c>index.html</c> what is served.</param>
    /// <exception cref="InvalidDataException">That is no folder of a built page.</exception>
    public UiFiles(string folder, string setting, Func<string, string> edit)
    {
        var index = Path.Combine(folder, Index);
        if (!System.IO.File.Exists(index))
            throw new InvalidDataException($"The setting {setting} names '{folder}', in which there is no {Index}: name the folder of a built page, or leave the setting empty.");
        Page = Make(Index, Encoding.UTF8.GetBytes(edit(System.IO.File.ReadAllText(index))));
        var files = new Dictionary<string, PageFile>(StringComparer.Ordinal);
        long bytes = 0;
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            bytes += new FileInfo(path).Length;
            if (files.Count == MaxFiles || bytes > MaxBytes)
                throw new InvalidDataException($"The setting {setting} names '{folder}', which holds more than {MaxFiles} files or {MaxBytes >> 20} MiB: that is no built page.");
            var name = Path.GetRelativePath(folder, path).Replace('\\', '/');
            if (name != Index)
                files.Add(name, Make(name, System.IO.File.ReadAllBytes(path)));
        }

        _files = files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The page itself.</summary>
    public PageFile Page { get; }

    /// <summary>What an address below the page's own gets.</summary>
    /// <param name="path">The path, without a slash in front.</param>
    /// <param name="files">What the paths begin with that are files only.</param>
    /// <returns>A file of the page; the page itself for an address within it; null for a file that is missing.</returns>
    public PageFile? Find(string path, string files) =>
        _files.TryGetValue(path, out var file) ? file : path.StartsWith(files, StringComparison.Ordinal) ? null : Page;

    /// <summary>A file of the page by its path below the folder; null where there is none.</summary>
    public PageFile? File(string path) => _files.GetValueOrDefault(path);

    /// <summary>A file of these bytes, compressed too where that is worth while.</summary>
    public static PageFile Make(string name, byte[] bytes)
    {
        var type = PageFiles.ContentTypeOf(name);
        var isText = type.EndsWith("charset=utf-8", StringComparison.Ordinal) || type.EndsWith("+xml", StringComparison.Ordinal);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"";
        return new PageFile(type, tag, bytes, null, isText && bytes.Length >= WorthCompressingBytes ? Compress(bytes) : null);
    }

    private static byte[] Compress(byte[] bytes)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return compressed.ToArray();
    }
}
