using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Api;

/// <summary>Our own API: the names that people choose from, of every retained day, as they were sent.</summary>
public sealed class NamesFunctions(NameReader names)
{
    /// <summary>The services.</summary>
    [Function("query-services")]
    public Task<IResult> GetServicesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/services")] HttpRequest request, CancellationToken cancellation) =>
        ApiAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            _ = new ApiParameters(request.Query, []);
            return Names("services", await names.ServicesAsync(cancellation));
        });

    /// <summary>A service's operations with the kinds of their spans.</summary>
    [Function("query-operations")]
    public Task<IResult> GetOperationsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/operations")] HttpRequest request, CancellationToken cancellation) =>
        ApiAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var parameters = new ApiParameters(request.Query, [], "service", "kind");
            var operations = await names.OperationsAsync(parameters.Required("service"), parameters.Kind("kind"), cancellation);
            return JsonAnswer.Of(json => Write(json, operations));
        });

    /// <summary>The keys of a service's tags.</summary>
    [Function("query-tag-keys")]
    public Task<IResult> GetTagKeysAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/tag-keys")] HttpRequest request, CancellationToken cancellation) =>
        OfServiceAsync(request, "tagKeys", names.TagKeysAsync, cancellation);

    /// <summary>The services on the other side of a service's calls.</summary>
    [Function("query-remote-services")]
    public Task<IResult> GetRemoteServicesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/remote-services")] HttpRequest request, CancellationToken cancellation) =>
        OfServiceAsync(request, "remoteServices", names.RemoteServicesAsync, cancellation);

    /// <summary>What may be said of a trace, and what it means.</summary>
    [Function("query-verdict-kinds")]
    public Task<IResult> GetVerdictKinds(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/verdict-kinds")] HttpRequest request) =>
        ApiAnswers.AnswerAsync(() =>
        {
            ArgumentNullException.ThrowIfNull(request);
            _ = new ApiParameters(request.Query, []);
            return Task.FromResult<IResult>(JsonAnswer.Of(WriteVerdictKinds));
        });

    private static Task<IResult> OfServiceAsync(
        HttpRequest request, string property, Func<string, CancellationToken, Task<IReadOnlyList<string>>> read, CancellationToken cancellation) =>
        ApiAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var parameters = new ApiParameters(request.Query, [], "service");
            return Names(property, await read(parameters.Required("service"), cancellation));
        });

    private static JsonAnswer Names(string property, IReadOnlyList<string> list) => JsonAnswer.Of(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray(property);
        foreach (var name in list)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, IReadOnlyList<OperationName> operations)
    {
        json.WriteStartObject();
        json.WriteStartArray("operations"u8);
        foreach (var operation in operations)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, operation.Name);
            json.WriteString("kind"u8, SpanJson.KindOf(operation.Kind));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteVerdictKinds(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("verdictKinds"u8);
        foreach (var (_, name, meaning) in VerdictNames.All)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteString("meaning"u8, meaning);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
