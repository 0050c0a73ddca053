using Microsoft.AspNetCore.Http;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>Tells a browser, which asks before it lets a script of another origin send a request, that it may: GET and POST, without cookies.</summary>
internal sealed class ZipkinPreflight : IResult
{
    private const string Methods = "GET, POST";
    private const string KnownHeaders = "Content-Type, Content-Encoding, X-B3-Flags, x-functions-key";
    private const string Seconds = "600";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.AccessControlAllowOrigin = ZipkinResult.AnyOrigin;
        headers.AccessControlAllowMethods = Methods;
        var asked = httpContext.Request.Headers.AccessControlRequestHeaders;
        headers.AccessControlAllowHeaders = asked.Count == 0 ? KnownHeaders : asked;
        headers.AccessControlMaxAge = Seconds;
        headers.Vary = "Access-Control-Request-Headers";
        httpContext.Response.StatusCode = StatusCodes.Status200OK;
        httpContext.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
