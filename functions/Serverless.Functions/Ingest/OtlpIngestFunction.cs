using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;
using Serverless.Functions.Telemetry;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Functions.Ingest;

/// <summary>
/// OTLP over HTTP, in protobuf and JSON: answers in the type of the request, 200 with <c>partial_success</c> where single
/// spans were invalid, errors as <c>google.rpc.Status</c>.
/// </summary>
/// <remarks>https://opentelemetry.io/docs/specs/otlp/#otlphttp</remarks>
public sealed class OtlpIngestFunction(SpanIngest ingest, SystemIdentity identity)
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    private static readonly SpanDecoding DecodeProtobuf =
        (body, context, limits) => context.Decoder<OtlpProtobufDecoder>().Decode(body, context.Batch, limits);

    private static readonly SpanDecoding DecodeJson =
        (body, context, limits) => context.Decoder<OtlpJsonDecoder>().Decode(body, context.Batch, limits);

    /// <summary>Takes an <c>ExportTraceServiceRequest</c>.</summary>
    [Function("otlp-traces")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/traces")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType : default;
        var isJson = type.Equals(Json, StringComparison.OrdinalIgnoreCase);
        if (!isJson && !type.Equals(Protobuf, StringComparison.OrdinalIgnoreCase))
        {
            var refused = new RefusedException(
                StatusCodes.Status415UnsupportedMediaType, LedgerReason.UnsupportedType,
                $"Content-Type '{request.ContentType}' is not supported; use {Protobuf} or {Json}.");
            await ingest.RefuseAsync(request, SpanProtocol.Otlp, refused);
            return Error(isJson: true, refused.Status, refused.Message);
        }

        if (identity.IsOwn(request))
            return Error(isJson, StatusCodes.Status400BadRequest, SystemIdentity.Refusal);
        try
        {
            var result = await ingest.AcceptAsync(request, SpanProtocol.Otlp, isJson ? DecodeJson : DecodeProtobuf, cancellation);
            return Success(isJson, result);
        }
        catch (RefusedException e)
        {
            return Error(isJson, e.Status, e.Message, e.RetryAfterSeconds);
        }
    }

    private static ProtocolResult Success(bool isJson, in DecodeResult result) => new(
        StatusCodes.Status200OK, isJson ? Json : Protobuf,
        result.Rejected == 0
            ? OtlpResponses.Success(isJson)
            : OtlpResponses.PartialSuccess(isJson, result.Rejected, result.RejectedReason ?? ""));

    private static ProtocolResult Error(bool isJson, int status, string message, int retryAfterSeconds = 0) => new(
        status, isJson ? Json : Protobuf, OtlpResponses.Error(isJson, Code(status), message), retryAfterSeconds);

    private static int Code(int status) => status switch
    {
        StatusCodes.Status429TooManyRequests => OtlpResponses.ResourceExhausted,
        StatusCodes.Status503ServiceUnavailable => OtlpResponses.Unavailable,
        _ => OtlpResponses.InvalidArgument,
    };
}
