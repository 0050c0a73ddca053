using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Serverless.Local;

/// <summary>How a run of an event hub or timer function ended.</summary>
internal enum RunOutcome
{
    /// <summary>The function returned.</summary>
    Succeeded,

    /// <summary>The function threw, and its retry policy allows no further attempt.</summary>
    Failed,

    /// <summary>The host stopped before either: the input was not dealt with.</summary>
    Abandoned,
}

/// <summary>Runs event hub and timer functions, each attempt of a retry policy as an invocation of its own.</summary>
/// <param name="services">The app's services; each invocation gets a scope.</param>
/// <param name="clock">Measures the time between attempts.</param>
/// <param name="stopping">The host stops: no further attempt is made.</param>
/// <param name="aborted">The time for running invocations is over: their token.</param>
internal sealed class FunctionExecutor(IServiceProvider services, TimeProvider clock, CancellationToken stopping, CancellationToken aborted)
{
    private readonly ILoggerFactory _loggers = services.GetRequiredService<ILoggerFactory>();
    private readonly InvocationPipeline _pipeline = services.GetRequiredService<InvocationPipeline>();

    /// <summary>The host stops: nothing new is begun.</summary>
    public CancellationToken Stopping => stopping;

    /// <summary>Runs a function for one input, with all attempts that its policy allows. Exceptions of the function are logged, not thrown.</summary>
    public async Task<RunOutcome> RunAsync(FunctionEntry function, object input, Func<IReadOnlyDictionary<string, object?>>? bindingData = null)
    {
        for (var retry = 0; ; retry++)
        {
            if (await InvokeAsync(function, input, bindingData, retry))
                return aborted.IsCancellationRequested ? RunOutcome.Abandoned : RunOutcome.Succeeded;
            if (aborted.IsCancellationRequested)
                return RunOutcome.Abandoned;
            if (function.Retry is not { } policy || !policy.Allows(retry + 1))
                return RunOutcome.Failed;
            try
            {
                await Task.Delay(policy.Delay(retry + 1, Random.Shared), clock, stopping);
            }
            catch (OperationCanceledException)
            {
                return RunOutcome.Abandoned;
            }
        }
    }

    private async Task<bool> InvokeAsync(FunctionEntry function, object input, Func<IReadOnlyDictionary<string, object?>>? bindingData, int retry)
    {
        await using var scope = services.CreateAsyncScope();
        var invocation = new Invocation(function, scope.ServiceProvider, aborted)
        {
            BindingData = bindingData,
            Attempt = function.Retry is { } policy ? new AttemptContext(retry, policy.MaxRetryCount) : null,
        };
        using var span = InvocationSpans.Start(function.Name);
        try
        {
            invocation.Arguments = Invocation.Bind(function, input, invocation, aborted, null);
            await _pipeline.RunAsync(invocation);
            return true;
        }
        catch (Exception e)
        {
            InvocationSpans.Fail(span, e);
            var logger = _loggers.CreateLogger($"Function.{function.Name}");
            if (aborted.IsCancellationRequested)
                logger.LogWarning("Function '{Function}' ({InvocationId}) was cancelled because the host stops.", function.Name, invocation.InvocationId);
            else
                logger.LogError(e, "Function '{Function}' ({InvocationId}) failed in attempt {Attempt}.", function.Name, invocation.InvocationId, retry + 1);
            return false;
        }
    }
}
