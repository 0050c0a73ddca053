using Microsoft.AspNetCore.Http;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>
/// An answer that a script of any origin may read, as Zipkin's server allows by default. Said always, not only to scripts: names are kept by
/// caches, which do not ask whose they are.
/// </summary>
internal sealed class ZipkinResult(IResult answer) : IResult
{
    /// <summary>Every origin.</summary>
    public const string AnyOrigin = "*";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.AccessControlAllowOrigin = AnyOrigin;
        return answer.ExecuteAsync(httpContext);
    }
}
