using System.Text.Json;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using static Serverless.Tracing.Protocols.Otlp.Metrics.OtlpMetricFields;

namespace Serverless.Tracing.Protocols.Otlp.Metrics;

/// <summary>
/// As <see cref="OtlpMetricsProtobufDecoder"/>, for requests in JSON: proto3 JSON, with OTLP's exceptions (<see cref="OtlpJsonDecoder"/>).
/// </summary>
public sealed class OtlpMetricsJsonDecoder
{
    private readonly OtlpDecodeContext _context = new();
    private readonly SpanLossCollector _losses = new();

    /// <summary>What the last request tells the ledger; null where it tells nothing.</summary>
    public LedgerSection? Section => _losses.Section;

    /// <summary>Reads a request.</summary>
    /// <param name="body">The request in UTF-8, decompressed.</param>
    /// <param name="batch">Memory for what is read, which the caller has reset; it gets no spans.</param>
    /// <param name="limits">How much of the request is taken.</param>
    /// <param name="userAgent">What the request says who made it.</param>
    /// <exception cref="MalformedSpansException">The body is not such a request.</exception>
    public DecodeResult Decode(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits, string userAgent = "")
    {
        _context.Begin(batch, limits);
        _losses.Begin(userAgent);
        try
        {
            Read(body);
        }
        catch (JsonException e)
        {
            throw OtlpJsonDecoder.Malformed(body, e);
        }

        return _context.End();
    }

    private void Read(ReadOnlySpan<byte> body)
    {
        var reader = new OtlpJsonReader(body, _context);
        reader.Begin();
        try
        {
            while (reader.TryReadField(OtlpMetricMessage.Request, out var field))
            {
                if (field == ExportMetricsServiceRequest.ResourceMetrics)
                {
                    reader.EnterArray();
                    while (reader.TryReadElement())
                        JsonMetrics.Read(ref reader, _context, _losses);
                }
                else
                    reader.Skip();
            }
        }
        catch (BatchFullException e)
        {
            reader.Fail(e.Message);
        }

        reader.End();
    }
}
