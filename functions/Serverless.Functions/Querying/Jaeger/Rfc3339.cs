using System.Globalization;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Reads times of RFC 3339 to the nanosecond, such as <c>2026-01-02T15:04:05.123456789+01:00</c>.</summary>
internal static class Rfc3339
{
    private const int SecondsLength = 19; // 2026-01-02T15:04:05
    private const int MaxDigits = 9;

    /// <summary>The time in nanoseconds since 1970; times before are moved there, for there are no spans.</summary>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    public static ulong Parse(string text)
    {
        // A plus that was not escaped in the query string has become a space.
        var time = text.Replace(' ', '+');
        if (time.Length <= SecondsLength)
            throw Malformed(text);
        var (digits, fraction) = (0, 0L);
        var zone = SecondsLength;
        if (time[SecondsLength] is '.' or ',')
        {
            for (zone++; zone < time.Length && char.IsAsciiDigit(time[zone]); zone++)
            {
                // What is finer than a nanosecond does not count.
                if (digits < MaxDigits)
                    (digits, fraction) = (digits + 1, (fraction * 10) + (time[zone] - '0'));
            }

            if (digits == 0)
                throw Malformed(text);
        }

        for (; digits < MaxDigits; digits++)
            fraction *= 10;
        var seconds = string.Concat(time.AsSpan(0, SecondsLength), time.AsSpan(zone));
        var format = seconds.EndsWith('Z') ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz";
        if (!DateTimeOffset.TryParseExact(seconds, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            throw Malformed(text);
        var ns = ((Int128)(parsed - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick) + fraction;
        return (ulong)Int128.Clamp(ns, 0, ulong.MaxValue);
    }

    private static InvalidQueryException Malformed(string text) => new(
        $"parsing time {GoText.Quote(text)}: it is none of RFC 3339, such as \"2006-01-02T15:04:05.123456789Z\"");
}
