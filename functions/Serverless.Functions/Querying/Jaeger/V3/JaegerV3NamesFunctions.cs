using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Jaeger.V3;

/// <summary>Jaeger's API v3: the names that people choose from.</summary>
public sealed class JaegerV3NamesFunctions(NameReader names)
{
    /// <summary>The services.</summary>
    [Function("jaeger-v3-services")]
    public Task<IResult> GetServicesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v3/services")] HttpRequest request, CancellationToken cancellation) =>
        JaegerV3Answers.AnswerAsync(async () =>
        {
            var services = await names.ServicesAsync(cancellation);
            return JsonAnswer.Of(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("services"u8);
                foreach (var service in services)
                    json.WriteStringValue(service);
                json.WriteEndArray();
                json.WriteEndObject();
            });
        });

    /// <summary>
    /// A service's operations with their kinds, of one kind where one is given. One of unspecified kind counts as internal, as in Jaeger: its
    /// page refuses a list in which a kind is missing.
    /// </summary>
    [Function("jaeger-v3-operations")]
    public Task<IResult> GetOperationsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v3/operations")] HttpRequest request, CancellationToken cancellation) =>
        JaegerV3Answers.AnswerAsync(async () =>
        {
            var kind = JaegerV3Parameters.Kind(request.Query);
            string service = request.Query["service"] is [{ } first, ..] ? first : "";
            var operations = await names.OperationsAsync(service, null, cancellation);
            var shown = operations
                .Where(operation => kind is null || operation.Kind == kind || (kind == SpanKind.Internal && operation.Kind == SpanKind.Unspecified))
                .Select(operation => (operation.Name, Kind: operation.Kind == SpanKind.Unspecified ? SpanKind.Internal : operation.Kind))
                .Distinct().ToArray();
            return JsonAnswer.Of(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("operations"u8);
                foreach (var (name, itsKind) in shown)
                {
                    json.WriteStartObject();
                    json.WriteString("name"u8, name);
                    json.WriteString("spanKind"u8, JaegerNamesFunctions.KindOf(itsKind));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
        });
}
