using System.Globalization;
using System.Text;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>Where in a list of spans a decoder is: kept as a few fields, and made a text only for an error.</summary>
internal struct JsonPlace
{
    // A key in an error is enough to find it by; it need not be complete.
    private const int LongestMember = 64;

    /// <summary>The span's index, or -1 before the first.</summary>
    public int Span;

    /// <summary>The span's field, or null.</summary>
    public string? Field;

    /// <summary>The index in the field's list, or -1.</summary>
    public int Element;

    /// <summary>The field of the field's object, or null.</summary>
    public string? Member;

    /// <summary>The field of an object that the field or member holds, or null.</summary>
    public string? Inner;

    /// <summary>As in <c>[3].annotations[1].timestamp</c>.</summary>
    public readonly string Path()
    {
        if (Span < 0)
            return "";
        var path = new StringBuilder().Append('[').Append(Span.ToString(CultureInfo.InvariantCulture)).Append(']');
        if (Field is not null)
            path.Append('.').Append(Field);
        if (Element >= 0)
            path.Append('[').Append(Element.ToString(CultureInfo.InvariantCulture)).Append(']');
        if (Member is not null)
            path.Append('.').Append(Member);
        if (Inner is not null)
            path.Append('.').Append(Inner);
        return path.ToString();
    }

    /// <summary>A key or value of the input as it can stand in an error.</summary>
    public static string Quote(ReadOnlySpan<byte> utf8) => utf8.Length <= LongestMember
        ? Encoding.UTF8.GetString(utf8)
        : Encoding.UTF8.GetString(utf8[..LongestMember]) + "…";
}
