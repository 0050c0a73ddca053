using System.Buffers;

namespace Serverless.Tracing.Frames;

/// <summary>
/// How a text is stored in a frame. Hex numbers and UUIDs, as ids of requests and users are, become the bytes that they spell:
/// half the size, and what is left of it does not compress. Texts that look as if they hold an id lie apart from the others,
/// which repeat from trace to trace and then do so as one long run.
/// </summary>
internal static class TextForm
{
    /// <summary>Stored as it is, with those that repeat.</summary>
    public const byte Plain = 0;

    /// <summary>Lower-case hex digits, an even number of them; stored as their bytes.</summary>
    public const byte Hex = 1;

    /// <summary>A lower-case UUID with its dashes (RFC 9562); stored as its 16 bytes.</summary>
    public const byte Uuid = 2;

    /// <summary>Stored as it is, with those that do not repeat: it has <see cref="DigitsOfId"/> digits in a row.</summary>
    public const byte Variable = 3;

    /// <summary>How many bits of a stored length tell the form.</summary>
    public const int Bits = 2;

    private const int DigitsOfId = 3;
    private const int ShortestHex = 8;
    private const int UuidLength = 36;
    private const int UuidBytes = 16;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>The form that a text is stored in.</summary>
    public static byte Of(ReadOnlySpan<byte> text)
    {
        if (text.Length >= ShortestHex && HexDigits.Contains(text[0]))
        {
            if (text.Length % 2 == 0 && !text.ContainsAnyExcept(HexDigits))
                return Hex;
            if (IsUuid(text))
                return Uuid;
        }

        return HoldsId(text) ? Variable : Plain;
    }

    /// <summary>How many bytes a text of that many takes in a form.</summary>
    public static int PackedLength(int form, int length) => form switch
    {
        Hex => length / 2,
        Uuid => UuidBytes,
        _ => length,
    };

    /// <summary>Whether a form is shorter than the text.</summary>
    public static bool IsPacked(int form) => form is Hex or Uuid;

    /// <summary>Writes a text in a packed form.</summary>
    public static void Pack(ReadOnlySpan<byte> text, ByteSink to)
    {
        for (var i = 0; i < text.Length; i += 2)
        {
            if (text[i] == '-')
                i++;
            to.Byte((byte)((Digit(text[i]) << 4) | Digit(text[i + 1])));
        }
    }

    /// <summary>Restores a text; there is room for it.</summary>
    public static void Unpack(int form, ReadOnlySpan<byte> packed, Span<byte> text)
    {
        if (form == Uuid)
        {
            Unpack(packed[..4], ref text, isLast: false);
            Unpack(packed[4..6], ref text, isLast: false);
            Unpack(packed[6..8], ref text, isLast: false);
            Unpack(packed[8..10], ref text, isLast: false);
            packed = packed[10..];
        }

        Unpack(packed, ref text, isLast: true);
    }

    private static void Unpack(ReadOnlySpan<byte> packed, ref Span<byte> text, bool isLast)
    {
        Convert.TryToHexStringLower(packed, text, out var written);
        if (isLast)
            return;
        text[written] = (byte)'-';
        text = text[(written + 1)..];
    }

    /// <summary>Whether a length can be that of a text in a form.</summary>
    public static bool IsPossible(int form, int length) => form switch
    {
        Hex => length % 2 == 0,
        Uuid => length == UuidLength,
        _ => true,
    };

    private static bool HoldsId(ReadOnlySpan<byte> text)
    {
        var digits = 0;
        foreach (var c in text)
        {
            digits = (uint)(c - '0') <= 9 ? digits + 1 : 0;
            if (digits == DigitsOfId)
                return true;
        }

        return false;
    }

    private static bool IsUuid(ReadOnlySpan<byte> text)
    {
        if (text.Length != UuidLength || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
            return false;
        return !text[..8].ContainsAnyExcept(HexDigits) && !text[9..13].ContainsAnyExcept(HexDigits)
            && !text[14..18].ContainsAnyExcept(HexDigits) && !text[19..23].ContainsAnyExcept(HexDigits)
            && !text[24..].ContainsAnyExcept(HexDigits);
    }

    private static int Digit(byte hex) => hex <= '9' ? hex - '0' : hex - 'a' + 10;
}
