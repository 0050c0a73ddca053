using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Querying.Jaeger;
using Serverless.Functions.Querying.Jaeger.V3;

namespace Serverless.Functions.Operations;

/// <summary>
/// Jaeger's own page below <c>/jaeger/</c>, and below that once more the API that it calls, where the settings name a build of it. The page
/// cannot send a function's key: what is served here is open to whoever reaches the app, and is to be protected in front of it.
/// </summary>
public sealed class JaegerUiFunctions(JaegerUi ui, IServiceProvider services)
{
    private const string Base = "jaeger";

    /// <summary>The page and its files.</summary>
    [Function("zz-jaeger-page")]
    public IResult GetPage(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Base + "/{*path}")] HttpRequest request, string? path)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (ui.Files is not { } files)
            return UnknownPathFunctions.NotFound(request);
        // The page works out from its address where it is.
        if (string.IsNullOrEmpty(path) && request.Path.Value?.EndsWith('/') != true)
            return Results.Redirect($"/{Base}/{request.QueryString}");
        if (files.Find(path ?? "", JaegerUi.FilePaths) is not { } file)
            return UnknownPathFunctions.NotFound(request);
        var isHashed = path?.StartsWith(JaegerUi.FilePaths, StringComparison.Ordinal) == true;
        return new PageResult(file, isHashed ? PageResult.Forever : PageResult.Revalidate, policy: null);
    }

    /// <summary>What the page calls: the same as below <c>/api/</c>.</summary>
    [Function("jaeger-page-api")]
    public Task<IResult> CallAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = Base + "/api/{*path}")] HttpRequest request,
        string? path,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (ui.Files is null)
            return Task.FromResult(UnknownPathFunctions.NotFound(request));
        return (request.Method, (path ?? "").Split('/')) switch
        {
            ("GET", ["services"]) => Of<JaegerNamesFunctions>().GetServicesAsync(request, cancellation),
            ("GET", ["services", var service, "operations"]) => Of<JaegerNamesFunctions>().GetOperationNamesAsync(request, service, cancellation),
            ("GET", ["operations"]) => Of<JaegerNamesFunctions>().GetOperationsAsync(request, cancellation),
            ("GET", ["dependencies"]) => Of<JaegerDependenciesFunction>().GetAsync(request, cancellation),
            ("GET", ["deep-dependencies"]) => Of<JaegerDeepDependenciesFunctions>().GetAsync(request, cancellation),
            ("GET", ["metrics", "latencies"]) => Of<JaegerMetricsFunctions>().GetLatenciesAsync(request, cancellation),
            ("GET", ["metrics", "calls"]) => Of<JaegerMetricsFunctions>().GetCallsAsync(request, cancellation),
            ("GET", ["metrics", "errors"]) => Of<JaegerMetricsFunctions>().GetErrorsAsync(request, cancellation),
            ("GET", ["metrics", "minstep"]) => Of<JaegerMetricsFunctions>().GetMinimumStepAsync(request, cancellation),
            ("GET", ["quality-metrics"]) => Of<JaegerQualityFunction>().GetAsync(request, cancellation),
            ("GET", ["traces"]) => Of<JaegerSearchFunction>().GetAsync(request, cancellation),
            ("GET", ["traces", var id]) => Of<JaegerTraceFunction>().GetAsync(request, id, cancellation),
            ("POST", ["archive", var id]) => Of<JaegerArchiveFunction>().PostAsync(request, id, cancellation),
            ("POST", ["transform"]) => Of<JaegerTransformFunction>().PostAsync(request, cancellation),
            ("GET", ["v3", "services"]) => Of<JaegerV3NamesFunctions>().GetServicesAsync(request, cancellation),
            ("GET", ["v3", "operations"]) => Of<JaegerV3NamesFunctions>().GetOperationsAsync(request, cancellation),
            ("GET", ["v3", "dependencies"]) => Of<JaegerV3DependenciesFunction>().GetAsync(request, cancellation),
            ("GET", ["v3", "capabilities"]) => Task.FromResult(Of<JaegerV3CapabilitiesFunction>().Get(request)),
            ("GET", ["v3", "trace-summaries"]) => Of<JaegerV3TraceFunctions>().FindSummariesAsync(request, cancellation),
            ("GET", ["v3", "traces"]) => Of<JaegerV3TraceFunctions>().FindTracesAsync(request, cancellation),
            ("GET", ["v3", "traces", var id]) => Of<JaegerV3TraceFunctions>().GetTraceAsync(request, id, cancellation),
            _ => Task.FromResult(UnknownPathFunctions.NotFound(request)),
        };
    }

    /// <summary>The paths between services, which the page asks for beside its API.</summary>
    [Function("jaeger-page-analytics")]
    public Task<IResult> GetAnalyticsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Base + "/analytics/v1/dependencies")] HttpRequest request, CancellationToken cancellation) =>
        ui.Files is null ? Task.FromResult(UnknownPathFunctions.NotFound(request)) : Of<JaegerDeepDependenciesFunctions>().GetAsync(request, cancellation);

    private T Of<T>() => ActivatorUtilities.CreateInstance<T>(services);
}
