using System.Globalization;
using System.Text;

namespace Serverless.Tracing.Protocols;

/// <summary>Texts of senders as they can stand in an answer, a header and a line of a log.</summary>
internal static class PrintableText
{
    /// <summary>The text with control characters as escapes, and its middle left out where it is too long.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most characters that are kept.</param>
    public static string Of(string text, int longest)
    {
        if (text.Length > longest)
            text = string.Concat(text.AsSpan(0, longest / 2), "…", text.AsSpan(text.Length - (longest / 2)));
        if (!text.Any(IsUnprintable))
            return text;
        var printable = new StringBuilder();
        foreach (var c in text)
        {
            if (IsUnprintable(c))
                printable.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                printable.Append(c);
        }

        return printable.ToString();
    }

    // Half of a surrogate pair, too: it cannot be encoded. Whole ones are rare enough to be spelled out with them.
    private static bool IsUnprintable(char c) => char.IsControl(c) || char.IsSurrogate(c);
}
