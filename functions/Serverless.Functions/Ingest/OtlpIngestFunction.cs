using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Functions.Ingest;

/// <summary>Spans by OTLP over HTTP, in protobuf and JSON.</summary>
public sealed class OtlpIngestFunction(OtlpExport export)
{
    private static readonly SpanDecoding DecodeProtobuf =
        (body, context, limits) => context.Decoder<OtlpProtobufDecoder>().Decode(body, context.Batch, limits);

    private static readonly SpanDecoding DecodeJson =
        (body, context, limits) => context.Decoder<OtlpJsonDecoder>().Decode(body, context.Batch, limits);

    /// <summary>Takes an <c>ExportTraceServiceRequest</c>.</summary>
    [Function("otlp-traces")]
    public Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/traces")] HttpRequest request, CancellationToken cancellation) =>
        export.AcceptAsync(request, DecodeProtobuf, DecodeJson, cancellation);
}
