using System.Globalization;
using System.Text;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Reads numbers as Go's package strconv does, with its texts for what is wrong: callers of Jaeger know them.</summary>
internal static class GoText
{
    private const string InvalidSyntax = "invalid syntax";
    private const string OutOfRange = "value out of range";

    /// <summary>A decimal integer of this many bits (32 or 64), as <c>strconv.ParseInt(text, 10, bits)</c>.</summary>
    /// <exception cref="InvalidQueryException">It is none; the message is Go's.</exception>
    public static long ParseInt(string text, int bits)
    {
        var digits = text.AsSpan(text.Length > 0 && text[0] is '+' or '-' ? 1 : 0);
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            throw Malformed("ParseInt", text, InvalidSyntax);
        var (least, most) = bits == 32 ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) || value < least || value > most)
            throw Malformed("ParseInt", text, OutOfRange);
        return value;
    }

    /// <summary>A hex number of 64 bits without prefix, as <c>strconv.ParseUint(text, 16, 64)</c>.</summary>
    /// <exception cref="InvalidQueryException">It is none; the message is Go's.</exception>
    public static ulong ParseHex(string text) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Malformed("ParseUint", text, InvalidSyntax);

    /// <summary>A number, as <c>strconv.ParseFloat(text, 64)</c>, without Go's hexadecimal form and underscores.</summary>
    /// <exception cref="InvalidQueryException">It is none; the message is Go's.</exception>
    public static double ParseFloat(string text) =>
        double.TryParse(
            text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Malformed("ParseFloat", text, InvalidSyntax);

    /// <summary>A truth value, as <c>strconv.ParseBool</c>.</summary>
    /// <exception cref="InvalidQueryException">It is none; the message is Go's.</exception>
    public static bool ParseBool(string text) => text switch
    {
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        _ => throw Malformed("ParseBool", text, InvalidSyntax),
    };

    /// <summary>A text in double quotes, with what cannot be seen escaped.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' or '\x7f' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static InvalidQueryException Malformed(string function, string text, string reason) =>
        new($"strconv.{function}: parsing {Quote(text)}: {reason}");
}
