using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Ingest;

namespace Serverless.Functions.Querying.Api;

/// <summary>Serves the OpenAPI document.</summary>
public sealed class OpenApiFunction
{
    /// <summary>The document, in OpenAPI 3.1.</summary>
    [Function("openapi")]
    public IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi.json")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new ProtocolResult(StatusCodes.Status200OK, "application/json", OpenApiDocument.Bytes.ToArray());
    }
}
