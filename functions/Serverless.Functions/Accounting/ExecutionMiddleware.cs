using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Serverless.Functions.Accounting;

/// <summary>Stands around every invocation and has it counted.</summary>
public sealed class ExecutionMiddleware(ExecutionMeter meter, QueryMeter queries) : IFunctionsWorkerMiddleware
{
    /// <summary>Counts an invocation.</summary>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        var function = context.FunctionDefinition.Name;
        var http = context.GetHttpContext();
        var group = http is null ? function : ExecutionMeter.Http;
        meter.Begin(group);
        if (http is not null)
            queries.Watch(function, http);
        try
        {
            await next(context);
        }
        finally
        {
            meter.End(group, function);
        }
    }
}
