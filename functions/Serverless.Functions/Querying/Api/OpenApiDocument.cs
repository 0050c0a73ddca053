using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Serverless.Functions.Querying.Api;

/// <summary>The OpenAPI document: a file that is checked in, which tests compare with the routes and with answers.</summary>
internal static class OpenApiDocument
{
    private const string Resource = "openapi.json";

    private static readonly Lazy<byte[]> File = new(Read);
    private static readonly Lazy<string[][]> Paths = new(ReadPaths);

    /// <summary>The document.</summary>
    public static ReadOnlyMemory<byte> Bytes => File.Value;

    /// <summary>True for a path that the document has, whatever its parameters are.</summary>
    public static bool Has(PathString path)
    {
        var segments = (path.Value ?? "").Trim('/').Split('/');
        return Array.Exists(Paths.Value, known => known.Length == segments.Length
            && known.Zip(segments).All(pair => pair.First.StartsWith('{') || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase)));
    }

    private static byte[] Read()
    {
        using var stream = typeof(OpenApiDocument).Assembly.GetManifestResourceStream(Resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string[][] ReadPaths()
    {
        using var document = JsonDocument.Parse(Bytes);
        return [.. document.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name.Trim('/').Split('/'))];
    }
}
