using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Querying.Jaeger.V3;

/// <summary>Jaeger's API v3: what its searches can do here.</summary>
public sealed class JaegerV3CapabilitiesFunction
{
    /// <summary>Searches need no service, and one span satisfies everything; structured filters, pages and searches for spans are not offered.</summary>
    [Function("jaeger-v3-capabilities")]
    public IResult Get([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v3/capabilities")] HttpRequest request) =>
        JsonAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("search"u8);
            json.WriteBoolean("withoutServiceName"u8, true);
            json.WriteBoolean("sameSpanConjunction"u8, true);
            json.WriteEndObject();
            json.WriteEndObject();
        });
}
