namespace Serverless.Tracing.Protocols;

/// <summary>
/// A request's body is not what its protocol says it is. It is the sender's mistake: the message names the format, the
/// field or path, the byte offset and what is wrong there, and can be sent back as it is.
/// </summary>
/// <param name="format">The format, as the protocol calls it: <c>OTLP protobuf</c>, <c>Zipkin JSON v2</c>.</param>
/// <param name="path">The field, as in <c>resourceSpans[0].scopeSpans[1].spans[7].traceId</c>; empty for the body as a whole.</param>
/// <param name="offset">The byte of the (decompressed) body, counted from 0.</param>
/// <param name="reason">What is wrong, as the end of a sentence: <c>32 hex digits expected</c>.</param>
/// <param name="inner">What noticed it first, where that was another reader.</param>
public sealed class MalformedSpansException(string format, string path, long offset, string reason, Exception? inner = null)
    : FormatException($"Malformed {format}: {(path.Length == 0 ? "" : Printable(path) + " ")}at byte {offset}: {Printable(reason)}", inner)
{
    // Paths and reasons quote the body.
    private const int LongestPart = 400;

    /// <summary>The format, as the protocol calls it.</summary>
    public string Format { get; } = format;

    /// <summary>The field, or empty for the body as a whole.</summary>
    public string Path { get; } = Printable(path);

    /// <summary>The byte of the decompressed body, counted from 0.</summary>
    public long Offset { get; } = offset;

    /// <summary>What is wrong.</summary>
    public string Reason { get; } = Printable(reason);

    private static string Printable(string text) => PrintableText.Of(text, LongestPart);
}
