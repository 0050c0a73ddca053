using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Otlp.Metrics.OtlpMetricFields;

namespace Serverless.Tracing.Protocols.Otlp.Metrics;

/// <summary>
/// Reads of OTLP metrics export requests in protobuf (<c>opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest</c>) what their sender
/// says of lost spans; all other metrics are passed over. It keeps scratch memory between requests and is used by one at a time.
/// </summary>
public sealed class OtlpMetricsProtobufDecoder
{
    private readonly OtlpDecodeContext _context = new();
    private readonly SpanLossCollector _losses = new();

    /// <summary>What the last request tells the ledger; null where it tells nothing.</summary>
    public LedgerSection? Section => _losses.Section;

    /// <summary>Reads a request.</summary>
    /// <param name="body">The request, decompressed.</param>
    /// <param name="batch">Memory for what is read, which the caller has reset; it gets no spans.</param>
    /// <param name="limits">How much of the request is taken.</param>
    /// <param name="userAgent">What the request says who made it.</param>
    /// <exception cref="MalformedSpansException">The body is not such a request.</exception>
    public DecodeResult Decode(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits, string userAgent = "")
    {
        _context.Begin(batch, limits);
        _losses.Begin(userAgent);
        var reader = new ProtobufReader(body, OtlpMetricMessage.Schema, limits.MaxDepth);
        try
        {
            while (reader.TryReadTag(out var tag))
            {
                if (ProtobufReader.Number(tag) == ExportMetricsServiceRequest.ResourceMetrics)
                    ProtobufMetrics.Read(ref reader, tag, _context, _losses);
                else
                    reader.Skip(tag);
            }
        }
        catch (BatchFullException e)
        {
            reader.Fail(reader.FieldOffset, e.Message);
        }

        return _context.End();
    }
}
