using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Functions.Telemetry;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Functions.Ingest;

/// <summary>
/// What the endpoints of OTLP over HTTP have in common: they take protobuf and JSON, answer in the type of the request, 200 with <c>partial_success</c>
/// where single spans were invalid, and errors as <c>google.rpc.Status</c>.
/// </summary>
/// <remarks>https://opentelemetry.io/docs/specs/otlp/#otlphttp</remarks>
public sealed class OtlpExport(SpanIngest ingest, SystemIdentity identity)
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    /// <summary>Takes an export request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="protobuf">Decodes it in protobuf.</param>
    /// <param name="json">Decodes it in JSON.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<IResult> AcceptAsync(HttpRequest request, SpanDecoding protobuf, SpanDecoding json, CancellationToken cancellation)
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
            var result = await ingest.AcceptAsync(request, SpanProtocol.Otlp, isJson ? json : protobuf, cancellation);
            return new ProtocolResult(
                StatusCodes.Status200OK, isJson ? Json : Protobuf,
                result.Rejected == 0 ? OtlpResponses.Success(isJson) : OtlpResponses.PartialSuccess(isJson, result.Rejected, result.RejectedReason ?? ""));
        }
        catch (RefusedException e)
        {
            return Error(isJson, e.Status, e.Message, e.RetryAfterSeconds);
        }
    }

    private static ProtocolResult Error(bool isJson, int status, string message, int retryAfterSeconds = 0) => new(
        status, isJson ? Json : Protobuf, OtlpResponses.Error(isJson, Code(status), message), retryAfterSeconds);

    private static int Code(int status) => status switch
    {
        StatusCodes.Status429TooManyRequests => OtlpResponses.ResourceExhausted,
        StatusCodes.Status503ServiceUnavailable => OtlpResponses.Unavailable,
        _ => OtlpResponses.InvalidArgument,
    };
}
