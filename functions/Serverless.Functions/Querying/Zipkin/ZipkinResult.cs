using Microsoft.AspNetCore.Http;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>
/// An answer that a script of any origin may read, as Zipkin's server allows by default. Said always, not only to scripts: names are kept by
/// caches, which do not ask whose they are.
/// </summary>
/// <param name="answer">The answer.</param>
/// <param name="reason">What went wrong, for the status line too; null for the standard words.</param>
internal sealed class ZipkinResult(IResult answer, string? reason = null) : IResult
{
    /// <summary>Every origin.</summary>
    public const string AnyOrigin = "*";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.AccessControlAllowOrigin = AnyOrigin;
        if (reason is not null)
            JsonAnswer.SayReason(httpContext, reason);
        return answer.ExecuteAsync(httpContext);
    }
}
