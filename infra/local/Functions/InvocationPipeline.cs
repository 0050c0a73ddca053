using Microsoft.Azure.Functions.Worker.Middleware;

namespace Serverless.Local;

/// <summary>What an app has put around every invocation. Put together once, when the first invocation runs.</summary>
internal sealed class InvocationPipeline
{
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> _middleware = [];
    private FunctionExecutionDelegate? _whole;

    /// <summary>Nothing is around them.</summary>
    public bool IsEmpty => _middleware.Count == 0;

    /// <summary>Puts something inside of what is there already.</summary>
    public void Add(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware) => _middleware.Add(middleware);

    /// <summary>Runs an invocation with all that is around it.</summary>
    public Task RunAsync(Invocation invocation) => (_whole ??= Build())(invocation);

    private FunctionExecutionDelegate Build()
    {
        FunctionExecutionDelegate whole = static context => ((Invocation)context).RunAsync();
        for (var i = _middleware.Count - 1; i >= 0; i--)
            whole = _middleware[i](whole);
        return whole;
    }
}
