namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Whether a body can be a list of spans at all, by its first bytes: by the rules of Zipkin's SpanBytesDecoderDetector, which
/// its server asks before it decodes.
/// </summary>
internal static class ZipkinListFormats
{
    // A list of structs; a list of strings is how a version of zipkin-reporter-java announces the structs.
    private const byte ThriftListOfStructs = 12;
    private const byte ThriftListOfStrings = 11;
    private const byte ProtobufFirstField = 10;

    /// <summary>True for what is no span and no error either, in any format.</summary>
    public static bool IsEmpty(ReadOnlySpan<byte> body) => body.IsEmpty || body.SequenceEqual("[]"u8);

    /// <summary>True where the body looks like JSON's list.</summary>
    public static bool IsJson(ReadOnlySpan<byte> body) => body[0] == '[';

    /// <summary>True where the body may be a list in one of Zipkin's formats.</summary>
    public static bool IsList(ReadOnlySpan<byte> body) =>
        IsJson(body)
        || body[0] is ThriftListOfStructs or ThriftListOfStrings
        || (body[0] == ProtobufFirstField && (body.Length == 1 || body[1] != 0));
}
