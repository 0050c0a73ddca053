namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>Something around every invocation.</summary>
public interface IFunctionsWorkerMiddleware
{
    /// <summary>Does what is to be done before and after, and between the two lets the invocation run.</summary>
    Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
}
