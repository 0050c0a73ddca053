using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Serverless.Functions.Operations;

/// <summary>
/// Sends a file of the page: in the best encoding that the browser takes, or as 304 when it has it already.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="cacheControl">How long browsers may keep it.</param>
/// <param name="policy">What the page may load and call, or null to leave that to the page.</param>
internal sealed class PageResult(PageFile file, string cacheControl, string? policy) : IResult
{
    // The page loads and calls nothing but its own origin, and nothing may frame it.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'";

    /// <summary>A year: the name of the file changes with its content, so that it never has to be asked for again.</summary>
    public const string Forever = "public, max-age=31536000, immutable";

    /// <summary>To be asked for each time; what has not changed is not sent again.</summary>
    public const string Revalidate = "no-cache";

    /// <summary>A file of the system's own page.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isHashed">Whether its name changes with its content, so that it never has to be asked for again.</param>
    public PageResult(PageFile file, bool isHashed)
        : this(file, isHashed ? Forever : Revalidate, Policy)
    {
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var (encoding, body) = Choose(request);
        var headers = response.Headers;
        // The tag is strong, and the encodings differ in their bytes.
        var tag = encoding is null ? file.ETag : $"{file.ETag[..^1]}-{encoding}\"";
        headers.ETag = tag;
        headers.CacheControl = cacheControl;
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.XContentTypeOptions = "nosniff";
        if (policy is not null)
            headers.ContentSecurityPolicy = policy;
        headers["Referrer-Policy"] = "same-origin";
        if (request.Headers.IfNoneMatch.Any(tags => tags is not null && (tags == "*" || tags.Contains(tag, StringComparison.Ordinal))))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (encoding is not null)
            headers.ContentEncoding = encoding;
        response.ContentType = file.ContentType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    private (string? Encoding, byte[] Body) Choose(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().AcceptEncoding;
        if (file.Brotli is { } brotli && Takes("br"))
            return ("br", brotli);
        return file.Gzip is { } gzip && Takes("gzip") ? ("gzip", gzip) : (null, file.Plain);

        bool Takes(string encoding) =>
            accepted.Any(value => value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && value.Quality is null or > 0);
    }
}
