using System.Globalization;
using System.Text;

namespace Serverless.Tracing.Alerting;

/// <summary>Durations as Prometheus writes them: <c>30s</c>, <c>5m</c>, <c>1h30m</c>, <c>7d</c>, <c>1w</c>.</summary>
public static class AlertDuration
{
    // A thousand weeks: nothing here lasts longer, and the sum cannot overflow.
    private const long MaxUnits = 1_000;

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("w", TimeSpan.FromDays(7)), ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    /// <summary>Reads a duration; units in falling order, each once.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = TimeSpan.Zero;
        if (text == "0")
            return true;
        var at = 0;
        var next = 0;
        while (at < text.Length)
        {
            var digits = at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
                at++;
            var letters = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
                at++;
            var unit = Array.FindIndex(Units, next, u => u.Unit == text[letters..at]);
            if (unit < 0 || !long.TryParse(text.AsSpan(digits, letters - digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                || count > MaxUnits * 1_000 || (unit == 0 && count > MaxUnits))
                return false;
            duration += Units[unit].Length * count;
            next = unit + 1;
        }

        return text.Length > 0;
    }

    /// <summary>A duration as text, in full milliseconds.</summary>
    public static string ToText(TimeSpan duration)
    {
        var text = new StringBuilder();
        foreach (var (unit, length) in Units)
        {
            var count = duration.Ticks / length.Ticks;
            if (count == 0)
                continue;
            text.Append(count).Append(unit);
            duration -= length * count;
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }
}
