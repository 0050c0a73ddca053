using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Api;

/// <summary>Our own API: the search. docs/search.md says what each parameter means.</summary>
public sealed class SearchFunction(TracePageSearch search, TracingSettings settings, TimeProvider clock)
{
    /// <summary>A page of summaries of the traces that match, the newest first.</summary>
    [Function("query-search")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/traces")] HttpRequest request, CancellationToken cancellation) =>
        ApiAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var filter = SearchParameters.Read(request.Query, clock.GetUtcNow(), settings);
            var page = await search.FindAsync(filter, SearchParameters.FilterHash(request.Query), cancellation);
            return new JsonAnswer(pieces => WriteAsync(pieces, filter, page));
        });

    private static async Task WriteAsync(JsonPieces pieces, TraceFilter filter, FoundPage page)
    {
        var json = pieces.Json;
        json.WriteStartObject();
        json.WriteStartArray("traces"u8);
        foreach (var view in page.Traces)
        {
            TraceJson.WriteSummary(json, view);
            await pieces.SendAsync();
        }

        json.WriteEndArray();
        json.WriteStartObject("window"u8);
        TraceJson.WriteTime(json, "startUnixNano"u8, filter.Query.StartMinNs);
        TraceJson.WriteTime(json, "endUnixNano"u8, filter.Query.StartMaxNs);
        json.WriteEndObject();
        json.WriteBoolean("isComplete"u8, page.IsComplete);
        json.WriteString("advice"u8, page.IsComplete ? null : QueryFailures.Incomplete);
        json.WriteString("nextCursor"u8, page.Next?.ToString());
        json.WriteEndObject();
    }
}
