using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Serverless.Functions.Querying;

namespace Serverless.Functions.Alerting.Api;

/// <summary>A failure of the alerts' own routes as RFC 9457 tells it (<c>application/problem+json</c>).</summary>
internal static class AlertProblem
{
    private const string ContentType = "application/problem+json";

    /// <summary>Makes the answer.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">What is wrong here, and what to do.</param>
    /// <param name="further">Writes what there is besides.</param>
    /// <param name="retryAfterSeconds">When to come back; 0 to say nothing.</param>
    public static IResult Of(int status, string detail, Action<Utf8JsonWriter>? further = null, int retryAfterSeconds = 0) => new JsonAnswer(JsonAnswer.Whole(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "about:blank");
        json.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status", status);
        json.WriteString("detail", detail);
        further?.Invoke(json);
        json.WriteEndObject();
    })) { Status = status, ContentType = ContentType, RetryAfterSeconds = retryAfterSeconds };

    /// <summary>The table of alerts cannot be read or written.</summary>
    public static IResult Of(Storage.StorageException e) => Of(
        StatusCodes.Status503ServiceUnavailable, $"The table of alerts cannot be used now; the request is right, send it again later. {e.Message}",
        retryAfterSeconds: e.IsTransient ? QueryFailures.RetryAfterSeconds : 0);
}
