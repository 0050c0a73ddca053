using System.Buffers.Binary;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Reads trace ids as Jaeger does: hex of either case, short ones padded; in a path also base64.</summary>
internal static class JaegerTraceId
{
    private const int LongestHex = 32;
    private const int HalfHex = 16;
    private const int LongestBase64 = 24;

    /// <summary>The id in a path as the server gives it, which leaves an escaped slash alone: base64 has slashes.</summary>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    public static TraceId ParsePath(string segment) => Parse(Uri.UnescapeDataString(segment));

    /// <summary>The id in a path: 1 to 32 hex digits, or base64 (standard or URL alphabet, padded or not) of 8 or 16 bytes.</summary>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    public static TraceId Parse(string text)
    {
        if (TraceId.TryParse(text, out var id) || TryParseBase64(text, out id))
            return id;
        return ParseHex(text);
    }

    /// <summary>The id in a parameter: 1 to 32 hex digits.</summary>
    /// <exception cref="InvalidQueryException">It is none; the message is Jaeger's.</exception>
    public static TraceId ParseHex(string text)
    {
        if (text.Length > LongestHex)
            throw new InvalidQueryException($"TraceID cannot be longer than {LongestHex} hex characters: {text}");
        if (text.Length <= HalfHex)
            return new TraceId(0, GoText.ParseHex(text));
        return new TraceId(GoText.ParseHex(text[..^HalfHex]), GoText.ParseHex(text[^HalfHex..]));
    }

    private static bool TryParseBase64(string text, out TraceId id)
    {
        id = default;
        if (text.Length is 0 or > LongestBase64)
            return false;
        var standard = text.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        var padded = standard.PadRight((standard.Length + 3) / 4 * 4, '=');
        Span<byte> bytes = stackalloc byte[LongestBase64];
        if (!Convert.TryFromBase64String(padded, bytes, out var length))
            return false;
        id = length switch
        {
            8 => new TraceId(0, BinaryPrimitives.ReadUInt64BigEndian(bytes)),
            16 => new TraceId(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..])),
            _ => default,
        };
        return length is 8 or 16;
    }
}
