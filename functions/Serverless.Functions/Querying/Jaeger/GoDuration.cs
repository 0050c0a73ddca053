namespace Serverless.Functions.Querying.Jaeger;

/// <summary>
/// Reads durations as Go's <c>time.ParseDuration</c> does, with its texts for what is wrong: a sign, then decimal numbers with
/// fractions and units (<c>ns</c>, <c>us</c>, <c>µs</c>, <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c>), such as <c>1h15m30.5s</c>.
/// </summary>
/// <remarks>Spaces around numbers and units are let pass, because Jaeger's search form lets them pass.</remarks>
internal static class GoDuration
{
    private const ulong TooMany = 1UL << 63;

    /// <summary>The duration in nanoseconds.</summary>
    /// <exception cref="InvalidQueryException">It is none; the message is Go's.</exception>
    public static long Parse(string text)
    {
        var rest = text.AsSpan().Trim(' ');
        var isNegative = rest.StartsWith("-");
        if (isNegative || rest.StartsWith("+"))
            rest = rest[1..];
        if (rest is "0")
            return 0;
        if (rest.IsEmpty)
            throw Invalid(text);
        ulong total = 0;
        while (!rest.IsEmpty)
        {
            total += Component(ref rest, text);
            if (total > TooMany)
                throw Invalid(text);
        }

        if (isNegative)
            return unchecked(-(long)total);
        return total < TooMany ? (long)total : throw Invalid(text);
    }

    private static ulong Component(ref ReadOnlySpan<char> rest, string text)
    {
        if (rest[0] != '.' && !char.IsAsciiDigit(rest[0]))
            throw Invalid(text);
        var hasDigits = char.IsAsciiDigit(rest[0]);
        var whole = Whole(ref rest, text);
        var (fraction, scale) = (0UL, 1.0);
        if (rest.StartsWith("."))
        {
            rest = rest[1..];
            hasDigits |= !rest.IsEmpty && char.IsAsciiDigit(rest[0]);
            (fraction, scale) = Fraction(ref rest);
        }

        if (!hasDigits)
            throw Invalid(text);
        var unit = Unit(ref rest, text);
        if (whole > TooMany / unit)
            throw Invalid(text);
        var value = whole * unit;
        if (fraction > 0)
            value += (ulong)(fraction * (unit / scale));
        return value <= TooMany ? value : throw Invalid(text);
    }

    private static ulong Whole(ref ReadOnlySpan<char> rest, string text)
    {
        ulong value = 0;
        for (; !rest.IsEmpty && char.IsAsciiDigit(rest[0]); rest = rest[1..])
        {
            if (value > TooMany / 10)
                throw Invalid(text);
            value = (value * 10) + (uint)(rest[0] - '0');
            if (value > TooMany)
                throw Invalid(text);
        }

        return value;
    }

    // Digits beyond what 63 bits hold do not matter to a nanosecond and are passed over.
    private static (ulong Value, double Scale) Fraction(ref ReadOnlySpan<char> rest)
    {
        var (value, scale, isFull) = (0UL, 1.0, false);
        for (; !rest.IsEmpty && char.IsAsciiDigit(rest[0]); rest = rest[1..])
        {
            if (isFull)
                continue;
            var next = (value * 10) + (uint)(rest[0] - '0');
            isFull = value > (TooMany - 1) / 10 || next > TooMany;
            if (isFull)
                continue;
            value = next;
            scale *= 10;
        }

        return (value, scale);
    }

    private static ulong Unit(ref ReadOnlySpan<char> rest, string text)
    {
        rest = rest.TrimStart(' ');
        var length = rest.IndexOfAny(" .0123456789");
        var unit = length < 0 ? rest : rest[..length];
        if (unit.IsEmpty)
            throw new InvalidQueryException($"time: missing unit in duration {GoText.Quote(text)}");
        rest = rest[unit.Length..].TrimStart(' ');
        return unit switch
        {
            "ns" => 1,
            // The micro sign and the Greek letter look the same.
            "us" or "\u00b5s" or "\u03bcs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => throw new InvalidQueryException($"time: unknown unit {GoText.Quote(unit.ToString())} in duration {GoText.Quote(text)}"),
        };
    }

    private static InvalidQueryException Invalid(string text) => new($"time: invalid duration {GoText.Quote(text)}");
}
