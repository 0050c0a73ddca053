using System.Text;

namespace Serverless.Local;

/// <summary>The form of <c>grpc-message</c>: UTF-8, with what is not printable ASCII, and the percent sign, percent-encoded.</summary>
/// <remarks>https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Status-Message.</remarks>
internal static class GrpcStatusText
{
    // Peers bound the headers of an answer, some to 8 KiB; the text is in it twice, once of them in base64.
    private const int MaxBytes = 1_024;
    private const string Hex = "0123456789ABCDEF";

    /// <summary>The longest beginning of a text that is sent.</summary>
    public static string Cut(string text)
    {
        var bytes = 0;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > MaxBytes)
                return text[..length] + "...";
            bytes += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }

        return text;
    }

    /// <summary>Encodes a text.</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (octet is >= 0x20 and <= 0x7E and not (byte)'%')
                encoded.Append((char)octet);
            else
                encoded.Append('%').Append(Hex[octet >> 4]).Append(Hex[octet & 0xF]);
        }

        return encoded.ToString();
    }
}
