using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Local;

/// <summary>
/// Sends requests to an HTTP function of this process, without a connection: what comes in by other ways than HTTP needs no code
/// of its own in the app. Function keys are not asked for.
/// </summary>
internal sealed class InProcessRequests(HttpFunction function, IServiceProvider services)
{
    /// <summary>Sends a POST.</summary>
    /// <param name="path">The path, which the function does not need.</param>
    /// <param name="contentType">The body's type.</param>
    /// <param name="body">The body.</param>
    /// <param name="answer">Takes the answer's body; what it held before is gone.</param>
    /// <param name="cancellation">Aborts the request.</param>
    /// <returns>The answer's status; 499 where the request was aborted.</returns>
    public async Task<int> PostAsync(
        string path, string contentType, ReadOnlyMemory<byte> body, MemoryStream answer, CancellationToken cancellation)
    {
        await using var scope = services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancellation };
        http.Request.Method = HttpMethods.Post;
        http.Request.Path = path;
        http.Request.ContentType = contentType;
        http.Request.ContentLength = body.Length;
        MemoryMarshal.TryGetArray(body, out var bytes);
        http.Request.Body = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        answer.SetLength(0);
        http.Response.Body = answer;

        // An aborted request is left without an answer; 200 would be the default.
        http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        await function.AnswerAsync(http);
        return http.Response.StatusCode;
    }
}
