using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Operations;

/// <summary>
/// Refuses the HTTP method TRACE on every path, as Zipkin's server does: it would send a caller's headers, the key among them, back to a script.
/// </summary>
public sealed class TraceMethodFunction
{
    private const string Allowed = "GET, HEAD, POST, OPTIONS";

    /// <summary>405, whatever the path.</summary>
    [Function("trace-method")]
    public IResult Refuse(
        [HttpTrigger(AuthorizationLevel.Anonymous, "trace", Route = "{*path}")] HttpRequest request, string? path)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.HttpContext.Response.Headers.Allow = Allowed;
        return Results.StatusCode(StatusCodes.Status405MethodNotAllowed);
    }
}
