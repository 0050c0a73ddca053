using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Operations;

/// <summary>
/// Serves the page on which people search traces and look at one. It has no data of its own: the page asks the query API, which
/// asks for a key where the hosting does, so that these functions can be open.
/// </summary>
public sealed class PageFunction(PageFiles files)
{
    private const string HowToBuild =
        "The page was not built with this program. Build it without -p:SkipPage=true, with Node.js 20 or newer installed: "
        + "dotnet build functions/Serverless.Functions. The APIs work without it, for instance /api/services.\n";

    /// <summary>The page at the root. In Azure the host's own page is there unless AzureWebJobsDisableHomepage is true.</summary>
    /// <remarks>
    /// A route of "/" would do for the host, but the worker puts the prefix and a slash before it and cannot parse the outcome; a
    /// parameter that has to be empty matches the root in both.
    /// </remarks>
    [Function("page")]
    public IResult GetRoot(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "{root:maxlength(0)?}")] HttpRequest request) => Page(request);

    /// <summary>The page at the address of a search.</summary>
    [Function("page-search")]
    public IResult GetSearch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "search")] HttpRequest request) => Page(request);

    /// <summary>The page at the address of the ledger.</summary>
    [Function("page-ledger")]
    public IResult GetLedger(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "ledger")] HttpRequest request) => Page(request);

    /// <summary>The page at the address of a trace; whether there is such a trace the page finds out.</summary>
    [Function("page-trace")]
    public IResult GetTrace(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "trace/{id}")] HttpRequest request, string id) => Page(request);

    /// <summary>What the page is made of; 404 for what it is not.</summary>
    [Function("page-assets")]
    public IResult GetAsset(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "assets/{*path}")] HttpRequest request, string? path) =>
        files.Asset(path ?? "") is { } file
            ? new PageResult(file, isHashed: true)
            : Results.Text("There is no such file.\n", "text/plain; charset=utf-8", statusCode: StatusCodes.Status404NotFound);

    private IResult Page(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return files.Page is { } page
            ? new PageResult(page, isHashed: false)
            : Results.Text(HowToBuild, "text/plain; charset=utf-8", statusCode: StatusCodes.Status404NotFound);
    }
}
