using System.Buffers;
using System.Text;

namespace Serverless.Tracing.Protocols;

/// <summary>What decoders need to know of UTF-8 beyond its validity.</summary>
internal static class Utf8Text
{
    /// <summary>The index of the first byte that is not valid, or the length where all are.</summary>
    public static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length && Rune.DecodeFromUtf8(bytes[at..], out _, out var size) == OperationStatus.Done)
            at += size;
        return at;
    }

    /// <summary>The beginning of a valid text in at most so many bytes, without a broken character at its end.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, int maxBytes)
    {
        if (text.Length <= maxBytes)
            return text;
        var length = maxBytes;
        while (length > 0 && (text[length] & 0xC0) == 0x80)
            length--;
        return text[..length];
    }
}
