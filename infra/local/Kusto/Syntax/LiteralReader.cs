using System.Globalization;

namespace Serverless.Local.Kusto;

/// <summary>Texts as values: of literals, and of the functions that convert.</summary>
internal static class LiteralReader
{
    private static readonly string[] DateFormats =
    [
        "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mmK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd", "yyyy-M-d", "yyyy-MM-ddK",
        "yyyy-MM-dd H:mm:ss.FFFFFFFK", "yyyy-MM-ddTHHK", "yyyy-MM-dd HH", "yyyy-MM", "yyyy",
        "MM/dd/yyyy HH:mm:ss.FFFFFFFK", "MM/dd/yyyy HH:mm", "M/d/yyyy H:mm:ss", "M/d/yyyy h:mm:ss tt", "M/d/yyyy", "MM-dd-yyyy", "M-d-yyyy", "yyyy/MM/dd HH:mm:ss", "yyyy/MM/dd",
        "yyyyMMdd", "yyyyMMddHHmmss", "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy", "dd MMM yyyy HH:mm:ss", "dd MMM yy HH:mm:ss",
    ];

    /// <summary>The value that a text stands for in a type; null for "null", and no value (C#'s null) where it is none of the type.</summary>
    public static Value? Read(KustoType type, string text)
    {
        if (text is "null" && type != KustoType.String)
            return Value.Null;
        if (text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0])
            text = text[1..^1];
        switch (type)
        {
            case KustoType.Bool:
                if (bool.TryParse(text, out var flag))
                    return Value.Bool(flag);
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? Value.Bool(number != 0) : null;
            case KustoType.Int:
                return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var small) ? Value.Int(small) : null;
            case KustoType.Long:
                return long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) ? Value.Long(whole) : null;
            case KustoType.Real:
                return Real(text);
            case KustoType.Decimal:
                return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? Value.Decimal(exact) : null;
            case KustoType.String:
                return Value.String(text);
            case KustoType.DateTime:
                return Date(text) is { } ticks ? Value.DateTime(ticks) : null;
            case KustoType.TimeSpan:
                return Duration(text) is { } span ? Value.TimeSpan(span) : null;
            case KustoType.Guid:
                return Guid.TryParse(text, out var guid) ? Value.Guid(guid) : null;
            default:
                return DynamicJson.Parse(text);
        }
    }

    /// <summary>Ticks of a time, taken as UTC where it has no offset.</summary>
    public static long? Date(string text)
    {
        text = text.Trim();
        if (text.Length is 0 or > 64)
            return null;
        if (text.Contains(','))
            return DateParts(text);
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;
        return DateTime.TryParseExact(text, DateFormats, CultureInfo.InvariantCulture, Styles, out var time) ? time.Ticks : null;
    }

    /// <summary>Year, month, day and more, with commas between.</summary>
    private static long? DateParts(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var numbers = new int[6];
        if (parts.Length is < 3 or > 6)
            return null;
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return null;
        }
        try
        {
            return new DateTime(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]).Ticks;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Ticks of a duration: [-][d.]hh:mm[:ss[.f]], a number with a unit, or a plain number of days.</summary>
    public static long? Duration(string text)
    {
        text = text.Trim();
        if (text.Contains(':'))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span.Ticks : null;
        var negative = text.StartsWith('-');
        var rest = negative ? text[1..].TrimStart() : text;
        var end = 0;
        while (end < rest.Length && (char.IsAsciiDigit(rest[end]) || rest[end] == '.'))
            end++;
        if (end == 0)
            return null;
        var unit = rest[end..].Trim();
        return Duration(rest.AsSpan(0, end), unit.Length == 0 ? "d" : unit) is { } ticks ? negative ? -ticks : ticks : null;
    }

    public static long? Duration(ReadOnlySpan<char> number, string unit)
    {
        var ticks = unit switch
        {
            "d" or "day" or "days" => TimeSpan.TicksPerDay,
            "h" or "hr" or "hrs" or "hour" or "hours" => TimeSpan.TicksPerHour,
            "m" or "min" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
            "s" or "sec" or "second" or "seconds" => TimeSpan.TicksPerSecond,
            "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
            "microsecond" or "microseconds" or "micro" or "micros" => TimeSpan.TicksPerMicrosecond,
            "tick" or "ticks" => 1,
            _ => 0,
        };
        if (ticks == 0 || !decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount))
            return null;
        try
        {
            return (long)(amount * ticks);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static Value? Real(string text)
    {
        switch (text.ToLowerInvariant())
        {
            case "nan":
                return Value.Real(double.NaN);
            case "+inf" or "inf" or "infinity":
                return Value.Real(double.PositiveInfinity);
            case "-inf" or "-infinity":
                return Value.Real(double.NegativeInfinity);
        }
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? Value.Real(real) : null;
    }
}
