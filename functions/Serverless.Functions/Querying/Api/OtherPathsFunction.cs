using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Api;

/// <summary>Our own API: whatever is not there, said in the shape of its other errors.</summary>
public sealed class OtherPathsFunction
{
    /// <summary>405 for a path that is there for GET, else 404.</summary>
    [Function("zz-query-other")]
    public IResult Answer(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "patch", "delete", Route = "query/{*path}")] HttpRequest request, string? path)
    {
        ArgumentNullException.ThrowIfNull(request);
        return !HttpMethods.IsGet(request.Method) && OpenApiDocument.Has(request.Path)
            ? new ProblemAnswer(ProblemType.MethodNotAllowed, $"{request.Path} is read with GET; {request.Method} is not there.") { Header = ("Allow", "GET") }
            : new ProblemAnswer(ProblemType.PathNotFound, $"There is nothing at {request.Path}; /openapi.json lists what there is.");
    }
}
