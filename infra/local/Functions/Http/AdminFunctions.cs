using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Serverless.Local;

/// <summary>
/// The host's own <c>POST /admin/functions/{name}</c> with a body <c>{"input": ...}</c>: runs a timer function once, beside its schedule, and answers 202 at once. Needs
/// the master key where keys are required.
/// </summary>
internal sealed class AdminFunctions(RequestDelegate next, FunctionCatalog catalog, FunctionKeys? keys, IServiceProvider services, TimeProvider clock)
{
    private const string Prefix = "/admin/functions";
    private const int LongestBody = 64 * 1024;

    /// <summary>Answers such a request, and hands on every other.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.Path.StartsWithSegments(Prefix, out var rest) || rest.Value is not { Length: > 1 } path)
        {
            await next(http);
            return;
        }

        var name = path[1..];
        if (keys is not null && !keys.Allows(http.Request, AuthorizationLevel.Admin, name))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (catalog.Functions.FirstOrDefault(f => string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase)) is not { } function)
            await AnswerAsync(http, StatusCodes.Status404NotFound, $"There is no function '{name}'.");
        else if (function.Trigger is not TimerTriggerAttribute)
            await AnswerAsync(http, StatusCodes.Status400BadRequest, $"Function '{name}' has no timer: send it a request, or an event to its hub.");
        else if (!await HasBodyAsync(http.Request))
            await AnswerAsync(http, StatusCodes.Status400BadRequest, "The body must be a JSON object, as {\"input\": \"\"}.");
        else
            Run(http, function);
    }

    private void Run(HttpContext http, FunctionEntry function)
    {
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var executor = new FunctionExecutor(services, clock, stopping, stopping);
        _ = Task.Run(() => executor.RunAsync(function, new TimerInfo()), CancellationToken.None);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    // A timer takes no input; but the host reads the body, and refuses what is none.
    private static async Task<bool> HasBodyAsync(HttpRequest request)
    {
        if (request.ContentLength is > LongestBody)
            return false;
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
            return body.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Task AnswerAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
