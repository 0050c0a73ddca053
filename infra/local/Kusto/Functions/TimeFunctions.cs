using System.Globalization;
using System.Text;

namespace Serverless.Local.Kusto;

/// <summary>Times and durations. All times are UTC.</summary>
internal static class TimeFunctions
{
    private static readonly DateTime UnixEpoch = DateTime.UnixEpoch;

    public static void Register(FunctionTable table)
    {
        table.Vector("now", "t?", 'd', _ => (a, n, context) => Column.Constant(KustoType.DateTime, Value.DateTime(context.Now.Ticks + (a.Length > 0 && n > 0 ? a[0][0].AsLong : 0)), n));
        table.Vector("ago", "t", 'd', _ => (a, _, context) => Kernels.Map<long, long>(KustoType.DateTime, a[0], span => Math.Clamp(context.Now.Ticks - span, 0, DateTime.MaxValue.Ticks)));
        Starts(table, "day", time => time.Date, (start, n) => start.AddDays(n));
        Starts(table, "week", time => time.Date.AddDays(-(int)time.DayOfWeek), (start, n) => start.AddDays(7d * n));
        Starts(table, "month", time => new DateTime(time.Year, time.Month, 1), (start, n) => start.AddMonths(n));
        Starts(table, "year", time => new DateTime(time.Year, 1, 1), (start, n) => start.AddYears(n));
        Part(table, "hourofday", time => time.Hour);
        Part(table, "dayofmonth", time => time.Day);
        Part(table, "dayofyear", time => time.DayOfYear);
        Part(table, "monthofyear", time => time.Month);
        Part(table, "getmonth", time => time.Month);
        Part(table, "getyear", time => time.Year);
        Part(table, "week_of_year", time => ISOWeek.GetWeekOfYear(time));
        table.Row("dayofweek", "d", 't', a => Value.TimeSpan((int)At(a[0]).DayOfWeek * TimeSpan.TicksPerDay));
        table.Row("datetime_part", "sd", 'l', a => PartOf(a[0].AsString, At(a[1])));
        table.Row("datetime_add", "sld", 'd', a => Add(a[0].AsString, a[1].AsLong, At(a[2])));
        table.Row("datetime_diff", "sdd", 'l', a => Difference(a[0].AsString, a[1].AsLong, a[2].AsLong));
        table.Row("make_datetime", "aa?a?a?a?a?", 'd', MakeTime);
        table.Row("make_timespan", "aa?a?a?", 't', MakeSpan);
        table.Row("format_datetime", "ds", 's', a => Value.String(Format(At(a[0]), a[1].AsString)));
        table.Row("format_timespan", "ts", 's', a => Value.String(Format(new TimeSpan(a[0].AsLong), a[1].AsString)));
        FromUnix(table, "unixtime_seconds_todatetime", TimeSpan.TicksPerSecond);
        FromUnix(table, "unixtime_milliseconds_todatetime", TimeSpan.TicksPerMillisecond);
        FromUnix(table, "unixtime_microseconds_todatetime", TimeSpan.TicksPerMicrosecond);
        FromUnix(table, "unixtime_nanoseconds_todatetime", 0.01m);
        table.Row("datetime_utc_to_local", "ds", 'd', a => Value.DateTime(a[0].AsLong + Zone(a[1].AsString).GetUtcOffset(DateTime.SpecifyKind(At(a[0]), DateTimeKind.Utc)).Ticks));
        table.Row("datetime_local_to_utc", "ds", 'd', ToUtc);
    }

    private static DateTime At(Value value) => new(value.AsLong);

    private static Value Bounded(Func<DateTime> time)
    {
        try
        {
            return Value.DateTime(time().Ticks);
        }
        catch (ArgumentOutOfRangeException)
        {
            return Value.Null;
        }
    }

    private static int Steps(Value[] a) => a.Length > 1 ? (int)Math.Clamp(a[1].AsLong, -1_000_000, 1_000_000) : 0;

    private static void Starts(FunctionTable table, string unit, Func<DateTime, DateTime> start, Func<DateTime, int, DateTime> add)
    {
        table.Row("startof" + unit, "dl?", 'd', a => Bounded(() => add(start(At(a[0])), Steps(a))));
        table.Row("endof" + unit, "dl?", 'd', a => Bounded(() => add(start(At(a[0])), Steps(a) + 1).AddTicks(-1)));
    }

    private static void Part(FunctionTable table, string name, Func<DateTime, int> part) =>
        table.Vector(name, "d", 'i', _ => (a, _, _) => Kernels.Map<long, long>(KustoType.Int, a[0], ticks => part(new DateTime(ticks))));

    private static void FromUnix(FunctionTable table, string name, decimal ticks) =>
        table.Row(name, "n", 'd', a => a[0].IsNumber && Math.Abs(a[0].Number * (double)ticks) < 1e18
            ? Value.DateTime(UnixEpoch.Ticks + (long)(Conversion.To(a[0], KustoType.Decimal).AsDecimal * ticks))
            : Value.Null);

    private static Value Add(string unit, long amount, DateTime time)
    {
        if (Math.Abs((double)amount) > 1e15)
            return Value.Null;
        var count = (int)Math.Clamp(amount, int.MinValue / 4, int.MaxValue / 4);
        return unit.ToLowerInvariant() switch
        {
            "year" => Bounded(() => time.AddYears(count)),
            "quarter" => Bounded(() => time.AddMonths(3 * count)),
            "month" => Bounded(() => time.AddMonths(count)),
            var name when UnitTicks(name) is { } ticks => Bounded(() => time.AddTicks((long)(amount * ticks))),
            _ => throw NoUnit(unit),
        };
    }

    private static double? UnitTicks(string unit) => unit switch
    {
        "week" => 7 * TimeSpan.TicksPerDay,
        "day" => TimeSpan.TicksPerDay,
        "hour" => TimeSpan.TicksPerHour,
        "minute" => TimeSpan.TicksPerMinute,
        "second" => TimeSpan.TicksPerSecond,
        "millisecond" => TimeSpan.TicksPerMillisecond,
        "microsecond" => TimeSpan.TicksPerMicrosecond,
        "nanosecond" => 0.01,
        _ => null,
    };

    /// <summary>How many boundaries of the unit lie between the two.</summary>
    private static Value Difference(string unit, long left, long right)
    {
        var (l, r) = (new DateTime(left), new DateTime(right));
        switch (unit.ToLowerInvariant())
        {
            case "year":
                return Value.Long(l.Year - r.Year);
            case "quarter":
                return Value.Long((l.Year * 4) + ((l.Month - 1) / 3) - (r.Year * 4) - ((r.Month - 1) / 3));
            case "month":
                return Value.Long((l.Year * 12) + l.Month - (r.Year * 12) - r.Month);
            case "week":
                // Weeks start on Sunday, as day 1 of year 1 (a Monday) less one day.
                return Value.Long(((left / TimeSpan.TicksPerDay) + 1) / 7 - ((right / TimeSpan.TicksPerDay) + 1) / 7);
            case "nanosecond":
                return Value.Long((left - right) * 100);
            case var name when UnitTicks(name) is { } ticks:
                return Value.Long((left / (long)ticks) - (right / (long)ticks));
            default:
                throw NoUnit(unit);
        }
    }

    private static Value PartOf(string part, DateTime time) => Value.Long(part.ToLowerInvariant() switch
    {
        "year" => time.Year,
        "quarter" => ((time.Month - 1) / 3) + 1,
        "month" => time.Month,
        "week_of_year" => ISOWeek.GetWeekOfYear(time),
        "day" => time.Day,
        "dayofyear" => time.DayOfYear,
        "hour" => time.Hour,
        "minute" => time.Minute,
        "second" => time.Second,
        "millisecond" => time.Millisecond,
        "microsecond" => time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond,
        "nanosecond" => time.Ticks % TimeSpan.TicksPerSecond * 100,
        _ => throw NoUnit(part),
    });

    private static KustoException NoUnit(string unit) =>
        KustoException.Execution($"'{unit}' is no unit of time; units are year, quarter, month, week, day, hour, minute, second, millisecond, microsecond and nanosecond");

    private static Value MakeTime(Value[] a)
    {
        if (a.Length < 3)
            return a.Length == 1 ? Conversion.To(a[0], KustoType.DateTime) : Value.Null;
        var parts = new double[6];
        for (var i = 0; i < a.Length; i++)
        {
            if (!a[i].IsNumber)
                return Value.Null;
            parts[i] = a[i].Number;
        }
        if (parts.Any(part => part is < 0 or > 9999))
            return Value.Null;
        return Bounded(() => new DateTime((int)parts[0], (int)parts[1], (int)parts[2], (int)parts[3], (int)parts[4], 0).AddTicks((long)Math.Round(parts[5] * TimeSpan.TicksPerSecond)));
    }

    /// <summary>(hours, minutes), (hours, minutes, seconds) or (days, hours, minutes, seconds).</summary>
    private static Value MakeSpan(Value[] a)
    {
        if (a.Length == 1)
            return Conversion.To(a[0], KustoType.TimeSpan);
        if (a.Any(part => !part.IsNumber))
            return Value.Null;
        var parts = a.Select(part => part.Number).ToList();
        if (parts.Count < 4)
            parts.Insert(0, 0);
        if (parts.Count < 4)
            parts.Add(0);
        return Value.TimeSpan((long)((((((parts[0] * 24) + parts[1]) * 60) + parts[2]) * 60 + parts[3]) * TimeSpan.TicksPerSecond));
    }

    private static TimeZoneInfo Zone(string name) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : throw KustoException.Execution($"'{name}' is no time zone (IANA names, such as Europe/Brussels)");

    /// <summary>A time that a change of clocks leaves out is taken an hour earlier in UTC, as the service does.</summary>
    private static Value ToUtc(Value[] a)
    {
        var local = DateTime.SpecifyKind(At(a[0]), DateTimeKind.Unspecified);
        var zone = Zone(a[1].AsString);
        return Value.DateTime(zone.IsInvalidTime(local)
            ? local.Ticks - zone.GetUtcOffset(local.AddHours(1)).Ticks
            : local.Ticks - zone.GetUtcOffset(local).Ticks);
    }

    /// <summary>The format's runs of one letter; other characters are kept, letters that mean nothing are errors.</summary>
    private static string Format(DateTime time, string format) => Format(format, "format_datetime", (letter, length) => letter switch
    {
        'd' or 'M' or 'H' or 'h' or 'm' or 's' or 't' or 'f' or 'F' or 'y' =>
            Specifier(time, letter, Math.Min(length, letter == 'y' ? 5 : letter is 'f' or 'F' ? 7 : 2)),
        _ => null,
    });

    private static string Format(TimeSpan span, string format) => Format(format, "format_timespan", (letter, length) => letter switch
    {
        'd' => Math.Abs(span.Days).ToString(CultureInfo.InvariantCulture).PadLeft(Math.Min(length, 8), '0'),
        'H' or 'h' => Math.Abs(span.Hours).ToString(CultureInfo.InvariantCulture).PadLeft(Math.Min(length, 2), '0'),
        'm' => Math.Abs(span.Minutes).ToString(CultureInfo.InvariantCulture).PadLeft(Math.Min(length, 2), '0'),
        's' => Math.Abs(span.Seconds).ToString(CultureInfo.InvariantCulture).PadLeft(Math.Min(length, 2), '0'),
        'f' or 'F' => Specifier(new DateTime(Math.Abs(span.Ticks % TimeSpan.TicksPerSecond)), letter, Math.Min(length, 7)),
        _ => null,
    });

    /// <summary>One custom specifier; alone, a letter would stand for a standard format, unless a % is before it.</summary>
    private static string Specifier(DateTime time, char letter, int length) =>
        time.ToString(length == 1 ? "%" + letter : new string(letter, length), CultureInfo.InvariantCulture);

    private static string Format(string format, string function, Func<char, int, string?> part)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length;)
        {
            var letter = format[i];
            var length = 1;
            while (i + length < format.Length && format[i + length] == letter)
                length++;
            if (!char.IsAsciiLetter(letter))
                text.Append(letter, length);
            else
                text.Append(part(letter, length) ?? throw KustoException.Execution($"{function} has no format specifier '{letter}'"));
            i += length;
        }
        return text.ToString();
    }
}
