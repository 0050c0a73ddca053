using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Aggregates;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>Zipkin's API: which service calls which, how often, and how often in vain. The path exists twice, for Zipkin's page.</summary>
public sealed class ZipkinDependenciesFunction(CurrentAggregates aggregates)
{
    /// <summary>The calls in the traces that began in the window, each pair of services once.</summary>
    [Function("zipkin-dependencies")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v2/dependencies")] HttpRequest request, CancellationToken cancellation) =>
        ZipkinAnswers.AnswerAsync(async () =>
        {
            var (fromNs, toNs) = ZipkinParameters.Dependencies(request.Query);
            var (window, isComplete) = await aggregates.LinksAsync(fromNs, toNs, cancellation);
            return new JsonAnswer(JsonAnswer.Whole(json =>
            {
                json.WriteStartArray();
                foreach (var link in window.ToList())
                {
                    json.WriteStartObject();
                    json.WriteString("parent"u8, link.Parent);
                    json.WriteString("child"u8, link.Child);
                    json.WriteNumber("callCount"u8, link.Calls);
                    if (link.Errors > 0)
                        json.WriteNumber("errorCount"u8, link.Errors);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }))
            {
                Header = isComplete ? null : CurrentAggregatesWarning.Header,
            };
        });

    /// <summary>As <see cref="GetAsync"/>.</summary>
    [Function("zipkin-page-dependencies")]
    public Task<IResult> GetForPageAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/dependencies")] HttpRequest request, CancellationToken cancellation) =>
        GetAsync(request, cancellation);
}
