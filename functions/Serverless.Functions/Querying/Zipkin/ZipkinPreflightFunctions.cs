using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>
/// What browsers ask before a script of another origin may use Zipkin's API. They send no key with it, so these functions are open.
/// </summary>
public sealed class ZipkinPreflightFunctions
{
    /// <summary>For the API, and spans in the newer formats.</summary>
    [Function("zipkin-preflight")]
    public IResult Answer(
        [HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "api/v2/{*path}")] HttpRequest request, string? path) => new ZipkinPreflight();

    /// <summary>For spans in the older formats.</summary>
    [Function("zipkin-v1-preflight")]
    public IResult AnswerV1(
        [HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "api/v1/spans")] HttpRequest request) => new ZipkinPreflight();

    /// <summary>For the API where Zipkin's page asks for it.</summary>
    [Function("zipkin-page-preflight")]
    public IResult AnswerForPage(
        [HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "zipkin/{*path}")] HttpRequest request, string? path) => new ZipkinPreflight();
}
