using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Aggregates;

namespace Serverless.Functions.Querying.Jaeger.V3;

/// <summary>Jaeger's API v3: which service calls which, how often.</summary>
public sealed class JaegerV3DependenciesFunction(CurrentAggregates aggregates)
{
    /// <summary>The calls in the traces that began in the window, each pair of services once; the counts are texts, as of all 64-bit numbers.</summary>
    [Function("jaeger-v3-dependencies")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v3/dependencies")] HttpRequest request, CancellationToken cancellation) =>
        JaegerV3Answers.AnswerAsync(async () =>
        {
            var (start, end) = JaegerV3Parameters.Window(request.Query);
            var (window, isComplete) = await aggregates.LinksAsync(start, end, cancellation);
            return new JsonAnswer(JsonAnswer.Whole(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("dependencies"u8);
                foreach (var link in window.ToList())
                {
                    json.WriteStartObject();
                    json.WriteString("parent"u8, link.Parent);
                    json.WriteString("child"u8, link.Child);
                    json.WriteString("callCount"u8, link.Calls.ToString(CultureInfo.InvariantCulture));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }))
            {
                Header = isComplete ? null : CurrentAggregatesWarning.Header,
            };
        });
}
