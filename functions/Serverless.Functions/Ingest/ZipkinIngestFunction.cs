using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Functions.Ingest;

/// <summary>Zipkin's own endpoint: 202 without a body, or an error as plain text.</summary>
/// <remarks>Unlike Zipkin, which answers before it stores, 202 here means that the spans are durable.</remarks>
public sealed class ZipkinIngestFunction(SpanIngest ingest)
{
    /// <summary>Takes a list of spans in JSON v2.</summary>
    [Function("zipkin-v2-spans")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/v2/spans")] HttpRequest request, CancellationToken cancellation)
    {
        try
        {
            await ingest.AcceptAsync(
                request, SpanProtocol.Zipkin,
                (body, context, limits) => context.Decoder<ZipkinJsonDecoder>().Decode(body, context.Batch, limits),
                cancellation);
            return new ProtocolResult(StatusCodes.Status202Accepted);
        }
        catch (RefusedException e)
        {
            var text = e.InnerException is MalformedSpansException malformed ? ZipkinErrors.ResponseText(malformed) : e.Message;
            return new ProtocolResult(e.Status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text), e.RetryAfterSeconds);
        }
    }
}
