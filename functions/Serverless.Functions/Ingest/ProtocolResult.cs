using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Serverless.Functions.Ingest;

/// <summary>An answer in a protocol's own words: a status, bytes of a type, and when to come back.</summary>
internal sealed class ProtocolResult(int status, string? contentType = null, byte[]? body = null, int retryAfterSeconds = 0) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        if (retryAfterSeconds > 0)
            response.Headers.RetryAfter = retryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        if (body is null)
            return;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}
