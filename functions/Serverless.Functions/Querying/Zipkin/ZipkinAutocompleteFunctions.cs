using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>Zipkin's API: the attributes, and their values, that people choose from. Each path exists twice, for Zipkin's page.</summary>
public sealed class ZipkinAutocompleteFunctions(NameReader names, TagValueSampler sampler, TracingSettings settings)
{
    // A longer list helps nobody who chooses from it.
    private const int MostKeys = 1_000;

    private const string ServiceKey = "service.name";

    private readonly AutocompleteKeys _keys = AutocompleteKeys.Of(settings);

    /// <summary>The keys that are set, else those seen.</summary>
    [Function("zipkin-autocomplete-keys")]
    public Task<IResult> GetKeysAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v2/autocompleteKeys")] HttpRequest request, CancellationToken cancellation) =>
        ZipkinAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            if (!settings.SearchEnabled)
                return ZipkinAnswers.Keys([]);
            return ZipkinAnswers.Keys(_keys.AreThoseSeen ? await SeenKeysAsync(cancellation) : _keys.Listed);
        });

    /// <summary>The values seen of a key.</summary>
    [Function("zipkin-autocomplete-values")]
    public Task<IResult> GetValuesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v2/autocompleteValues")] HttpRequest request, CancellationToken cancellation) =>
        ZipkinAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var key = ZipkinParameters.RequiredKey(request.Query);
            var values = await ValuesAsync(key, cancellation);
            return ZipkinAnswers.Names(values, values.Count);
        });

    /// <summary>As <see cref="GetKeysAsync"/>.</summary>
    [Function("zipkin-page-autocomplete-keys")]
    public Task<IResult> GetKeysForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/autocompleteKeys")] HttpRequest request, CancellationToken cancellation) =>
        GetKeysAsync(request, cancellation);

    /// <summary>As <see cref="GetValuesAsync"/>.</summary>
    [Function("zipkin-page-autocomplete-values")]
    public Task<IResult> GetValuesForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/autocompleteValues")] HttpRequest request,
        CancellationToken cancellation) =>
        GetValuesAsync(request, cancellation);

    // The service has a field of its own in Zipkin, and is no tag there.
    private async Task<IReadOnlyList<string>> SeenKeysAsync(CancellationToken cancellation) =>
        [.. (await names.TagKeysAsync(cancellation)).Where(key => key != ServiceKey).Take(MostKeys)];

    private async Task<IReadOnlyList<string>> ValuesAsync(string key, CancellationToken cancellation)
    {
        if (!settings.SearchEnabled)
            return [];
        if (_keys.AreThoseSeen)
            return await sampler.ValuesAsync(key, cancellation);
        return _keys.Listed.Contains(key) ? await names.TagValuesAsync(key, cancellation) : [];
    }
}
