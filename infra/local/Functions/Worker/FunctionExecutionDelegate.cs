namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>What runs an invocation, or the rest of what is around it.</summary>
public delegate Task FunctionExecutionDelegate(FunctionContext context);
