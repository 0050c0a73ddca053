using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Serverless.Local;

/// <summary>Answers the requests of one HTTP function.</summary>
internal sealed class HttpFunction(FunctionEntry function, HttpLimits limits, FunctionKeys? keys, InvocationPipeline pipeline, ILogger logger)
{
    private readonly HttpTriggerAttribute _trigger = (HttpTriggerAttribute)function.Trigger;
    private readonly bool _needsContext = function.TakesContext || !pipeline.IsEmpty;

    /// <summary>Answers one request: what the function returned, or what it wrote itself; 500 without a body where it threw.</summary>
    public async Task AnswerAsync(HttpContext http)
    {
        if (keys is not null && !keys.Allows(http.Request, _trigger.EffectiveLevel, function.Name))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (http.Request.ContentLength > HttpLimits.HostBodyBytes)
        {
            http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        var services = http.RequestServices;
        var invocation = _needsContext
            ? new Invocation(function, services, http.RequestAborted) { Http = http, BindingData = () => new RouteData(http.Request.RouteValues) }
            : null;
        using var span = InvocationSpans.Start(function.Name, http);
        try
        {
            var arguments = Invocation.Bind(function, http.Request, invocation, http.RequestAborted, http);
            if (await InvokeAsync(invocation, services, arguments) is { } result)
                await result.ExecuteAsync(http);
        }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            logger.LogDebug(e, "The caller of function '{Function}' is gone.", function.Name);
        }
        catch (Exception e)
        {
            InvocationSpans.Fail(span, e);
            logger.LogError(e, "Function '{Function}' ({InvocationId}) failed.", function.Name, invocation?.InvocationId ?? Invocation.NewId());
            Fail(http, e);
        }
    }

    // As with the package, what the function returned is sent when all that is around it has ended.
    private async ValueTask<IResult?> InvokeAsync(Invocation? invocation, IServiceProvider services, object?[] arguments)
    {
        if (invocation is null)
            return await function.Invoker.InvokeAsync(services, arguments);
        invocation.Arguments = arguments;
        await pipeline.RunAsync(invocation);
        return invocation.Result;
    }

    private void Fail(HttpContext http, Exception e)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        // The worker's own limit shows to the caller as a failure of the function; only the host's is a 413.
        http.Response.Clear();
        http.Response.StatusCode = e is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } && limits.IsHostLimit
            ? StatusCodes.Status413PayloadTooLarge
            : StatusCodes.Status500InternalServerError;
    }

    private sealed class RouteData(IEnumerable<KeyValuePair<string, object?>> values)
        : Dictionary<string, object?>(values, StringComparer.OrdinalIgnoreCase);
}
