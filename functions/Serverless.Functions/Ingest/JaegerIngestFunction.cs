using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;
using Serverless.Functions.Accounting;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Ingest;

/// <summary>
/// Jaeger's collector endpoint: a <c>Batch</c> in thrift's binary protocol, 202 without a body, errors as Jaeger's plain text.
/// </summary>
/// <remarks>
/// Two types besides Jaeger's own say that the body is a datagram as clients send it to an agent, a call of <c>Agent.emitBatch</c>:
/// <c>application/vnd.apache.thrift.binary; message=emitBatch</c> and <c>application/vnd.apache.thrift.compact; message=emitBatch</c>.
/// What receives datagrams for this endpoint need not know thrift.
/// Unlike Jaeger, which answers before it stores, 202 here means that the spans are durable; a failure that may pass is
/// 503 and not 500, so that a sender can tell it from its own mistakes.
/// </remarks>
public sealed class JaegerIngestFunction(SpanIngest ingest, JaegerClientReports reports)
{
    private const string Thrift = "application/x-thrift";
    private const string Binary = "application/vnd.apache.thrift.binary";
    private const string Compact = "application/vnd.apache.thrift.compact";
    private const string Message = "message";
    private const string EmitBatch = "emitBatch";

    private delegate DecodeResult Decoding(JaegerThriftDecoder decoder, ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits);

    private static readonly Decoding DecodeBatch = (decoder, body, batch, limits) => decoder.DecodeBatch(body, batch, limits);
    private static readonly Decoding DecodeBinary = (decoder, body, batch, limits) => decoder.DecodeBinaryMessage(body, batch, limits);
    private static readonly Decoding DecodeCompact = (decoder, body, batch, limits) => decoder.DecodeCompactMessage(body, batch, limits);

    /// <summary>Takes a batch.</summary>
    [Function("jaeger-spans")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/traces")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (string.IsNullOrWhiteSpace(request.ContentType))
            return await RefuseTypeAsync(request, "Cannot parse content type: mime: no media type");
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            return await RefuseTypeAsync(request, $"Cannot parse content type: mime: '{request.ContentType}' is no media type");
        if (DecodingOf(type) is not { } decoding)
            return await RefuseTypeAsync(request, $"Unsupported content type: {type.MediaType}");
        try
        {
            return await AcceptAsync(request, decoding, cancellation);
        }
        catch (RefusedException e)
        {
            var isPassing = e.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests;
            return Error(e.Status, $"{(isPassing ? "Cannot submit Jaeger batch" : "Unable to process request body")}: {e.Message}", e.RetryAfterSeconds);
        }
    }

    private async Task<IResult> AcceptAsync(HttpRequest request, Decoding decoding, CancellationToken cancellation)
    {
        JaegerClientReport? report = null;
        var result = await ingest.AcceptAsync(
            request, SpanProtocol.Jaeger,
            (body, context, limits) =>
            {
                var decoder = context.Decoder<JaegerThriftDecoder>();
                var decoded = decoding(decoder, body, context.Batch, limits);
                report = context.ClientReport = decoder.Report;
                return decoded;
            },
            cancellation);
        if (report is { } said)
            reports.Add(said);
        return result is { Accepted: 0, Rejected: > 0 }
            ? Error(StatusCodes.Status400BadRequest, $"Unable to process request body: none of the spans can be taken: {result.RejectedReason}")
            : new ProtocolResult(StatusCodes.Status202Accepted);
    }

    private async Task<IResult> RefuseTypeAsync(HttpRequest request, string text)
    {
        await ingest.RefuseAsync(
            request, SpanProtocol.Jaeger, new RefusedException(StatusCodes.Status400BadRequest, LedgerReason.UnsupportedType, text));
        return Error(StatusCodes.Status400BadRequest, text);
    }

    private static Decoding? DecodingOf(MediaTypeHeaderValue type)
    {
        var message = type.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(Message, StringComparison.OrdinalIgnoreCase));
        if (message is not null && !message.GetUnescapedValue().Equals(EmitBatch, StringComparison.OrdinalIgnoreCase))
            return null;
        var isBinary = type.MediaType.Equals(Binary, StringComparison.OrdinalIgnoreCase);
        if (message is null)
            return isBinary || type.MediaType.Equals(Thrift, StringComparison.OrdinalIgnoreCase) ? DecodeBatch : null;
        return isBinary ? DecodeBinary : type.MediaType.Equals(Compact, StringComparison.OrdinalIgnoreCase) ? DecodeCompact : null;
    }

    private static ProtocolResult Error(int status, string text, int retryAfterSeconds = 0) =>
        new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"), retryAfterSeconds);
}
