using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Operations;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>
/// Zipkin's page, Lens, where a built one is installed, and what it is told about itself. Neither has data of its own: the page asks the API.
/// </summary>
public sealed class ZipkinPageFunctions(LensFiles files, TracingSettings settings)
{
    private const string Home = "/zipkin";

    // As Zipkin's server has them.
    private const string CacheConfig = "max-age=600";
    private const string CachePage = "max-age=60";
    private const string CacheFile = "max-age=31536000";

    // Its style sheets are made by scripts. The worker that lays out its graph of services is made of a blob, and the graph's code asks for the
    // global object by a Function. Where it posts traces to be kept, and shows logs, is set.
    private const string Policy =
        "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data: blob:; worker-src 'self' blob:; connect-src *; "
        + "object-src 'none'; frame-ancestors 'none'";

    private const string NotInstalled =
        "Zipkin's page is not installed here. Build Zipkin Lens and set Tracing:ZipkinLensFolder to the folder with its index.html; "
        + "the APIs work without it, for instance /zipkin/api/v2/services. This system's own page is at /.\n";

    private readonly Lazy<PageFile> _config = new(() => UiFiles.Make("config.json", ConfigOf(settings)) with { ContentType = "application/json" });

    /// <summary>What the page is told about itself.</summary>
    [Function("zipkin-config")]
    public IResult GetConfig(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "zipkin/config.json")] HttpRequest request) =>
        new ZipkinResult(new PageResult(_config.Value, CacheConfig, Policy));

    /// <summary>The page at each of its addresses, and what it is made of.</summary>
    [Function("zz-zipkin-page")]
    public IResult GetPage(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "zipkin/{*path}")] HttpRequest request, string? path)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (files.Page is not { } page)
            return NotFound(NotInstalled);
        if (request.Path == Home)
            return Results.Redirect($"{settings.ZipkinPage.BasePath.TrimEnd('/')}/{request.QueryString}");
        if (IsOfPage(path ?? ""))
            return new PageResult(page, CachePage, Policy);
        return files.File(path!) is { } file ? new PageResult(file, CacheFile, Policy) : NotFound("There is no such file.\n");
    }

    private static bool IsOfPage(string path) =>
        path is "" or "index.html" or "dependency" or "traceViewer" || path.StartsWith("traces/", StringComparison.Ordinal);

    private static IResult NotFound(string text) =>
        Results.Text(text, "text/plain; charset=utf-8", statusCode: StatusCodes.Status404NotFound);

    // The fields in the order of Zipkin's ZipkinUiProperties; what is not set is null there.
    private static byte[] ConfigOf(TracingSettings settings)
    {
        var page = settings.ZipkinPage;
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("environment", page.Environment);
            json.WriteNumber("queryLimit", page.QueryLimit);
            json.WriteNumber("defaultLookback", page.DefaultLookback);
            json.WriteBoolean("searchEnabled", settings.SearchEnabled);
            json.WriteString("logsUrl", TextOrNull(page.LogsUrl));
            json.WriteString("supportUrl", TextOrNull(page.SupportUrl));
            json.WriteString("archivePostUrl", TextOrNull(page.ArchivePostUrl));
            json.WriteString("archiveUrl", TextOrNull(page.ArchiveUrl));
            json.WriteStartObject("dependency");
            json.WriteBoolean("enabled", page.DependencyEnabled);
            json.WriteNumber("lowErrorRate", page.LowErrorRate);
            json.WriteNumber("highErrorRate", page.HighErrorRate);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static string? TextOrNull(string text) => text.Length == 0 ? null : text;
}
