using Serverless.Tracing.Frames;
using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>
/// Decodes OTLP trace export requests in protobuf: <c>opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest</c>.
/// It keeps scratch memory between requests and is used by one at a time.
/// </summary>
public sealed class OtlpProtobufDecoder
{
    private readonly OtlpDecodeContext _context = new();

    /// <summary>Adds the spans of a request to a batch, which the caller has reset.</summary>
    /// <param name="body">The request, decompressed.</param>
    /// <param name="batch">The batch to fill; after an exception it holds a part of the request and is to be reset.</param>
    /// <param name="limits">How much of the request is taken.</param>
    /// <returns>How many spans were taken; those that are invalid on their own are left out and counted.</returns>
    /// <exception cref="MalformedSpansException">The body is not such a request.</exception>
    public DecodeResult Decode(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits)
    {
        _context.Begin(batch, limits);
        var reader = new ProtobufReader(body, OtlpMessage.Schema, limits.MaxDepth);
        try
        {
            while (reader.TryReadTag(out var tag))
            {
                if (ProtobufReader.Number(tag) == ExportTraceServiceRequest.ResourceSpans)
                    ProtobufResources.Read(ref reader, tag, _context);
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
