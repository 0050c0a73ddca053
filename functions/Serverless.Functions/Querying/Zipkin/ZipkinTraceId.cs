using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>Reads trace ids by Zipkin's rule (Span.normalizeTraceId), with its texts for what is wrong.</summary>
internal static class ZipkinTraceId
{
    private const int LongDigits = 32;
    private const int ShortDigits = 16;

    /// <summary>The id, and as it is printed: 16 or 32 digits.</summary>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    public static TraceId Parse(string text, out string normalized)
    {
        if (text.Length == 0)
            throw new InvalidQueryException("traceId is empty");
        if (text.Length > LongDigits)
            throw new InvalidQueryException($"traceId.length > {LongDigits}");
        if (text.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            throw new InvalidQueryException($"{text} should be lower-hex encoded with no prefix");
        TraceId.TryParse(text, out var id);
        if (id.IsZero)
            throw new InvalidQueryException("traceId is all zeros");
        normalized = text.Length is > ShortDigits and < LongDigits ? id.ToHex32() : id.ToString();
        return id;
    }
}
