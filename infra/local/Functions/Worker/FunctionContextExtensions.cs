using Microsoft.AspNetCore.Http;
using Serverless.Local;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Leads from an invocation to its request.</summary>
public static class FunctionContextExtensions
{
    /// <summary>The request that the invocation answers; null where it has another trigger.</summary>
    public static HttpContext? GetHttpContext(this FunctionContext context) =>
        context.Items.TryGetValue(Invocation.HttpContextKey, out var item) ? item as HttpContext : null;
}
