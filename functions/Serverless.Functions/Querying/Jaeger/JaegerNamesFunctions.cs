using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Jaeger's legacy API: the names that people choose from.</summary>
public sealed class JaegerNamesFunctions(NameReader names)
{
    /// <summary>The services.</summary>
    [Function("jaeger-services")]
    public Task<IResult> GetServicesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/services")] HttpRequest request, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            var services = await names.ServicesAsync(cancellation);
            return Answer(request, json => JaegerJsonEnvelope.WriteNames(json, services));
        });

    /// <summary>The names of a service's operations, each once.</summary>
    [Function("jaeger-service-operations")]
    public Task<IResult> GetOperationNamesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/services/{service}/operations")] HttpRequest request,
        string service,
        CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            var operations = await names.OperationsAsync(service, null, cancellation);
            // An escaped slash is left escaped by the host. Jaeger unescapes the path's segment itself, and some callers escape it twice
            // for that; a name that holds an escape or a plus as it is must still be found.
            foreach (var unescaped in (string[])[Uri.UnescapeDataString(service), WebUtility.UrlDecode(service)])
            {
                if (operations.Count == 0 && unescaped != service)
                    operations = await names.OperationsAsync(unescaped, null, cancellation);
            }

            string[] distinct = [.. operations.Select(operation => operation.Name).Distinct()];
            return Answer(request, json => JaegerJsonEnvelope.WriteNames(json, distinct));
        });

    /// <summary>A service's operations with their kinds; of one kind where one is given.</summary>
    [Function("jaeger-operations")]
    public Task<IResult> GetOperationsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/operations")] HttpRequest request, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            var service = JaegerParameters.RequiredService(request.Query);
            var operations = await names.OperationsAsync(service, JaegerParameters.Kind(request.Query), cancellation);
            return Answer(request, json => Write(json, operations));
        });

    private static JsonAnswer Answer(HttpRequest request, Action<Utf8JsonWriter> write) =>
        new(JsonAnswer.Whole(write)) { IsIndented = JaegerParameters.IsPretty(request.Query) };

    private static void Write(Utf8JsonWriter json, IReadOnlyList<OperationName> operations)
    {
        JaegerJsonEnvelope.Begin(json);
        json.WriteStartArray();
        foreach (var operation in operations)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, operation.Name);
            json.WriteString("spanKind"u8, KindOf(operation.Kind));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        JaegerJsonEnvelope.End(json, operations.Count);
    }

    internal static ReadOnlySpan<byte> KindOf(SpanKind kind) => kind switch
    {
        SpanKind.Internal => "internal"u8,
        SpanKind.Server => "server"u8,
        SpanKind.Client => "client"u8,
        SpanKind.Producer => "producer"u8,
        SpanKind.Consumer => "consumer"u8,
        _ => ""u8,
    };
}
