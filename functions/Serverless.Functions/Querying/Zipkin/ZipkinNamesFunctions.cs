using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>Zipkin's API: the names that people choose from, in lower case and sorted. Each path exists twice, for Zipkin's page.</summary>
public sealed class ZipkinNamesFunctions(NameReader names, TracingSettings settings)
{
    /// <summary>The services.</summary>
    [Function("zipkin-services")]
    public Task<IResult> GetServicesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v2/services")] HttpRequest request, CancellationToken cancellation) =>
        ZipkinAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var services = settings.SearchEnabled ? Lower(await names.ServicesAsync(cancellation)) : [];
            return ZipkinAnswers.Names(services, services.Count);
        });

    /// <summary>The names of a service's spans.</summary>
    [Function("zipkin-span-names")]
    public Task<IResult> GetSpanNamesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v2/spans")] HttpRequest request, CancellationToken cancellation) =>
        OfServiceAsync(request, async service => (await names.OperationsAsync(service, null, cancellation)).Select(operation => operation.Name), cancellation);

    /// <summary>The services on the other side of a service's calls.</summary>
    [Function("zipkin-remote-services")]
    public Task<IResult> GetRemoteServicesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v2/remoteServices")] HttpRequest request, CancellationToken cancellation) =>
        OfServiceAsync(request, async service => await names.RemoteServicesAsync(service, cancellation), cancellation);

    /// <summary>As <see cref="GetServicesAsync"/>.</summary>
    [Function("zipkin-page-services")]
    public Task<IResult> GetServicesForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/services")] HttpRequest request, CancellationToken cancellation) =>
        GetServicesAsync(request, cancellation);

    /// <summary>As <see cref="GetSpanNamesAsync"/>.</summary>
    [Function("zipkin-page-span-names")]
    public Task<IResult> GetSpanNamesForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/spans")] HttpRequest request, CancellationToken cancellation) =>
        GetSpanNamesAsync(request, cancellation);

    /// <summary>As <see cref="GetRemoteServicesAsync"/>.</summary>
    [Function("zipkin-page-remote-services")]
    public Task<IResult> GetRemoteServicesForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/remoteServices")] HttpRequest request, CancellationToken cancellation) =>
        GetRemoteServicesAsync(request, cancellation);

    // The names are kept as sent: those of every service that is called this but for its case.
    private Task<IResult> OfServiceAsync(HttpRequest request, Func<string, Task<IEnumerable<string>>> read, CancellationToken cancellation) =>
        ZipkinAnswers.AnswerAsync(async () =>
        {
            var asked = ZipkinParameters.RequiredService(request.Query);
            if (asked.Length == 0 || !settings.SearchEnabled)
                return ZipkinAnswers.Names([], 0);
            var services = await names.ServicesAsync(cancellation);
            var found = new List<string>();
            foreach (var service in services.Where(service => service.ToLowerInvariant() == asked))
                found.AddRange(await read(service));
            return ZipkinAnswers.Names(Lower(found), Lower(services).Count);
        });

    private static IReadOnlyList<string> Lower(IEnumerable<string> names) =>
        [.. names.Select(name => name.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)];
}
