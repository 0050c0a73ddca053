using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Serverless.Local;

/// <summary>The span of each invocation, as the worker makes it (schema 1.37): <c>function NAME</c>, kind internal.</summary>
internal static class InvocationSpans
{
    /// <summary>The worker's own source.</summary>
    public const string SourceName = "Microsoft.Azure.Functions.Worker";

    private const string Parent = "traceparent";
    private const string State = "tracestate";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins an invocation's span; null where nobody takes it.</summary>
    public static Activity? Start(string function, HttpContext? http = null)
    {
        if (!Source.HasListeners())
            return null;
        var parent = default(ActivityContext);
        if (http?.Request.Headers[Parent].ToString() is { Length: > 0 } header)
            ActivityContext.TryParse(header, http.Request.Headers[State], isRemote: true, out parent);
        var activity = Source.StartActivity($"function {function}", ActivityKind.Internal, parent);
        activity?.SetTag("faas.name", function).SetTag("faas.invocation_id", Invocation.NewId()).SetTag("faas.instance", Environment.MachineName);
        return activity;
    }

    /// <summary>The invocation failed.</summary>
    public static void Fail(Activity? activity, Exception e)
    {
        activity?.AddException(e);
        activity?.SetStatus(ActivityStatusCode.Error, e.Message);
    }
}
