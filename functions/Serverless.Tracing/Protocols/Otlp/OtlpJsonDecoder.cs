using System.Text;
using System.Text.Json;
using Serverless.Tracing.Frames;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>
/// Decodes OTLP trace export requests in JSON: proto3 JSON, names in lowerCamelCase or as in the .proto file, ids in
/// hex of either case, integers as numbers or strings, enums as numbers or names. It keeps scratch memory between
/// requests and is used by one at a time.
/// </summary>
public sealed class OtlpJsonDecoder
{
    private const int MaxReasonLength = 300;

    private readonly OtlpDecodeContext _context = new();

    /// <summary>Adds the spans of a request to a batch, which the caller has reset.</summary>
    /// <param name="body">The request in UTF-8, decompressed.</param>
    /// <param name="batch">The batch to fill; after an exception it holds a part of the request and is to be reset.</param>
    /// <param name="limits">How much of the request is taken.</param>
    /// <returns>How many spans were taken; those that are invalid on their own are left out and counted.</returns>
    /// <exception cref="MalformedSpansException">The body is not such a request.</exception>
    public DecodeResult Decode(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits)
    {
        _context.Begin(batch, limits);
        try
        {
            Read(body);
        }
        catch (JsonException e)
        {
            throw Malformed(body, e);
        }

        return _context.End();
    }

    private void Read(ReadOnlySpan<byte> body)
    {
        var reader = new OtlpJsonReader(body, _context);
        reader.Begin();
        try
        {
            while (reader.TryReadField(OtlpMessage.Request, out var field))
            {
                if (field == ExportTraceServiceRequest.ResourceSpans)
                {
                    reader.EnterArray();
                    while (reader.TryReadElement())
                        JsonResources.Read(ref reader, _context);
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

    /// <summary>Says where a body is no JSON, in our words.</summary>
    internal static MalformedSpansException Malformed(ReadOnlySpan<byte> body, JsonException e)
    {
        var line = 0;
        for (var i = e.LineNumber ?? 0; i > 0; i--)
            line += body[line..].IndexOf((byte)'\n') + 1;
        var offset = Math.Min(line + (e.BytePositionInLine ?? 0), body.Length);
        // The exception's own words end with the line and the position in it.
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var reason = end < 0 ? e.Message : e.Message[..end];
        reason = OtlpJsonPath.Printable(Encoding.UTF8.GetBytes(reason), MaxReasonLength).TrimEnd('.');
        return new MalformedSpansException(OtlpJsonReader.Format, OtlpJsonPath.Of(body, offset), offset, reason, e);
    }
}
