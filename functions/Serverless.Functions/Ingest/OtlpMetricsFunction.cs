using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Protocols.Otlp.Metrics;

namespace Serverless.Functions.Ingest;

/// <summary>
/// Metrics by OTLP over HTTP, in protobuf and JSON. Of them only what SDKs and collectors say of spans that they lost is kept, in the ledger; all
/// others are taken and forgotten, so that what a sender exports need not be filtered.
/// </summary>
public sealed class OtlpMetricsFunction(OtlpExport export)
{
    /// <summary>Takes an <c>ExportMetricsServiceRequest</c>.</summary>
    [Function("otlp-metrics")]
    public Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/metrics")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var userAgent = request.Headers.UserAgent.ToString();
        return export.AcceptAsync(
            request,
            (body, context, limits) =>
            {
                var decoder = context.Decoder<OtlpMetricsProtobufDecoder>();
                var result = decoder.Decode(body, context.Batch, limits, userAgent);
                context.Told = decoder.Section;
                return result;
            },
            (body, context, limits) =>
            {
                var decoder = context.Decoder<OtlpMetricsJsonDecoder>();
                var result = decoder.Decode(body, context.Batch, limits, userAgent);
                context.Told = decoder.Section;
                return result;
            },
            cancellation);
    }
}
