using System.Globalization;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>Numbers as searches compare them: by what they are worth, 64-bit integers and floating-point numbers alike, without rounding either.</summary>
internal static class TagNumber
{
    // Every double from here on is an integer, and beyond every 64-bit one.
    private const double TwoTo63 = 9_223_372_036_854_775_808.0;

    /// <summary>
    /// The number that a text is, if it is one as <see cref="AttributeValue.ToString"/> writes numbers: Zipkin's and many of Jaeger's senders
    /// send all numbers as text. A text with zeros in front or a plus is none, for it may be a name.
    /// </summary>
    public static bool TryRead(string text, out AttributeValue number)
    {
        number = default;
        if (text.Length == 0 || (!char.IsAsciiDigit(text[0]) && text[0] != '-'))
            return false;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
            && integer.ToString(CultureInfo.InvariantCulture) == text)
            number = AttributeValue.Of(integer);
        else if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
            && real.ToString("R", CultureInfo.InvariantCulture) == text)
            number = AttributeValue.Of(real);
        return number.Type != AttributeType.Empty;
    }

    /// <summary>The order of two numbers; null where one is none that has an order.</summary>
    public static int? Compare(in AttributeValue x, in AttributeValue y) => (x.Type, y.Type) switch
    {
        (AttributeType.Int64, AttributeType.Int64) => x.Int64.CompareTo(y.Int64),
        (AttributeType.Double, AttributeType.Double) when !double.IsNaN(x.Double) && !double.IsNaN(y.Double) => Order(x.Double, y.Double),
        (AttributeType.Int64, AttributeType.Double) when !double.IsNaN(y.Double) => Order(x.Int64, y.Double),
        (AttributeType.Double, AttributeType.Int64) when !double.IsNaN(x.Double) => -Order(y.Int64, x.Double),
        _ => null,
    };

    /// <summary>Every text that values equal to a number may have.</summary>
    public static IEnumerable<string> TextsOf(AttributeValue number)
    {
        var integer = number.Type == AttributeType.Int64 ? number.Int64 : IntegerOf(number.Double);
        var real = number.Type == AttributeType.Double ? number.Double : (double)number.Int64;
        if (integer is { } whole)
            yield return whole.ToString(CultureInfo.InvariantCulture);
        if (Compare(number, AttributeValue.Of(real)) == 0)
            yield return real.ToString("R", CultureInfo.InvariantCulture);
        if (real == 0)
            yield return "-0";
    }

    // Minus zero is zero, unlike for double.CompareTo.
    private static int Order(double x, double y) => x < y ? -1 : x > y ? 1 : 0;

    private static int Order(long x, double y)
    {
        if (y >= TwoTo63)
            return -1;
        if (y < -TwoTo63)
            return 1;
        var whole = Math.Floor(y);
        var order = x.CompareTo((long)whole);
        return order == 0 && whole < y ? -1 : order;
    }

    private static long? IntegerOf(double real) =>
        real >= -TwoTo63 && real < TwoTo63 && Math.Floor(real) == real ? (long)real : null;
}
