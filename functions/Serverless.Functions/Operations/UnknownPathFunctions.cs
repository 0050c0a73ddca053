using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Operations;

/// <summary>
/// Answers what no other function does. In Azure the routes are tried in the order of the functions' names, whatever they are: those that end in a
/// catch-all have names that come last.
/// </summary>
public sealed class UnknownPathFunctions(PageFiles files)
{
    /// <summary>A call of an API that does not exist: 404 in Jaeger's (that is Go's) words, which is no page by mistake.</summary>
    [Function("zz-unknown-api")]
    public IResult GetUnknownApi(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", Route = "api/{*path}")] HttpRequest request,
        string? path) => NotFound(request);

    /// <summary>
    /// Any other address: the page for a browser that goes there, for people keep addresses of other pages (<c>/dependencies</c>, <c>/monitor</c>);
    /// 404 for everything else.
    /// </summary>
    [Function("zzz-unknown-page")]
    public IResult GetUnknownPage(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "{*path}")] HttpRequest request, string? path)
    {
        ArgumentNullException.ThrowIfNull(request);
        return files.Page is { } page && IsNavigation(request) ? new PageResult(page, isHashed: false) : NotFound(request);
    }

    /// <summary>404 in the words of Go's router, which Jaeger's clients know.</summary>
    internal static IResult NotFound(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.HttpContext.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Text("404 page not found\n", "text/plain; charset=utf-8", statusCode: StatusCodes.Status404NotFound);
    }

    private static bool IsNavigation(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));
}
