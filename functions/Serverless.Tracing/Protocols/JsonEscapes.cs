using System.Globalization;
using System.Text;

namespace Serverless.Tracing.Protocols;

/// <summary>The escapes of JSON strings (RFC 8259, section 7).</summary>
internal static class JsonEscapes
{
    /// <summary>
    /// Resolves the escapes of a string that a JSON reader has let pass. Half of a surrogate pair becomes U+FFFD: senders
    /// that cut texts in the middle of a character write such, and the span is worth more than the character.
    /// </summary>
    /// <param name="escaped">The string between its quotation marks.</param>
    /// <param name="to">Where the text goes; it is never longer than the string.</param>
    /// <returns>The length of the text.</returns>
    public static int Resolve(ReadOnlySpan<byte> escaped, Span<byte> to)
    {
        var used = 0;
        while (true)
        {
            var plain = escaped.IndexOf((byte)'\\');
            if (plain < 0)
            {
                escaped.CopyTo(to[used..]);
                return used + escaped.Length;
            }

            escaped[..plain].CopyTo(to[used..]);
            used += plain;
            var kind = escaped[plain + 1];
            escaped = escaped[(plain + 2)..];
            if (kind == 'u')
                used += ReadRune(ref escaped).EncodeToUtf8(to[used..]);
            else
                to[used++] = Simple(kind);
        }
    }

    private static byte Simple(byte kind) => kind switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => kind,
    };

    private static Rune ReadRune(ref ReadOnlySpan<byte> escaped)
    {
        var first = (char)ReadUnit(escaped);
        escaped = escaped[4..];
        if (Rune.TryCreate(first, out var rune))
            return rune;
        if (!escaped.StartsWith("\\u"u8) || !Rune.TryCreate(first, (char)ReadUnit(escaped[2..]), out rune))
            return Rune.ReplacementChar;
        escaped = escaped[6..];
        return rune;
    }

    private static ushort ReadUnit(ReadOnlySpan<byte> digits) =>
        ushort.Parse(digits[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
