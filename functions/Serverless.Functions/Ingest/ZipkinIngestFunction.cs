using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;
using Serverless.Functions.Querying.Zipkin;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Functions.Ingest;

/// <summary>
/// Zipkin's own endpoints: 202 without a body, or an error as plain text. As with Zipkin, a type that is not one of the
/// two that name a binary format is taken for JSON.
/// </summary>
/// <remarks>Unlike Zipkin, which answers before it stores, 202 here means that the spans are durable.</remarks>
public sealed class ZipkinIngestFunction(SpanIngest ingest)
{
    private const string Protobuf = "application/x-protobuf";
    private const string Thrift = "application/x-thrift";

    // B3's flags: 1 is debug, for all spans of the request.
    private const string B3Flags = "X-B3-Flags";
    private const string B3Debug = "1";

    private static readonly SpanDecoding DecodeJson =
        (body, context, limits) => context.Decoder<ZipkinJsonDecoder>().Decode(body, context.Batch, limits);

    private static readonly SpanDecoding DecodeProtobuf =
        (body, context, limits) => context.Decoder<ZipkinProtobufDecoder>().Decode(body, context.Batch, limits);

    private static readonly SpanDecoding DecodeJsonV1 =
        (body, context, limits) => context.Decoder<ZipkinJsonV1Decoder>().Decode(body, context.Batch, limits);

    private static readonly SpanDecoding DecodeThrift =
        (body, context, limits) => context.Decoder<ZipkinThriftDecoder>().Decode(body, context.Batch, limits);

    /// <summary>Takes a list of spans in JSON v2 or proto3.</summary>
    [Function("zipkin-v2-spans")]
    public Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/v2/spans")] HttpRequest request, CancellationToken cancellation) =>
        AcceptAsync(request, IsOfType(request, Protobuf) ? DecodeProtobuf : DecodeJson, cancellation);

    /// <summary>Takes a list of spans in JSON v1 or thrift.</summary>
    [Function("zipkin-v1-spans")]
    public Task<IResult> PostV1Async(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/v1/spans")] HttpRequest request, CancellationToken cancellation) =>
        AcceptAsync(request, IsOfType(request, Thrift) ? DecodeThrift : DecodeJsonV1, cancellation);

    private async Task<IResult> AcceptAsync(HttpRequest request, SpanDecoding decode, CancellationToken cancellation)
    {
        try
        {
            await ingest.AcceptAsync(
                request, SpanProtocol.Zipkin, request.Headers[B3Flags] == B3Debug ? AsDebug(decode) : decode, cancellation);
            return new ZipkinResult(new ProtocolResult(StatusCodes.Status202Accepted));
        }
        catch (RefusedException e)
        {
            var text = e.InnerException is MalformedSpansException malformed ? ZipkinErrors.ResponseText(malformed) : e.Message;
            return new ZipkinResult(new ProtocolResult(e.Status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text), e.RetryAfterSeconds));
        }
    }

    private static SpanDecoding AsDebug(SpanDecoding decode) => (body, context, limits) =>
    {
        var result = decode(body, context, limits);
        for (var i = 0; i < context.Batch.SpanCount; i++)
            context.Batch.Span(i).Marks |= SpanMarks.Debug;
        return result;
    };

    private static bool IsOfType(HttpRequest request, string type) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed)
        && parsed.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase);
}
