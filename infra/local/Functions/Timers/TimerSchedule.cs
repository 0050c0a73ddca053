using Microsoft.Extensions.Configuration;
using NCrontab;

namespace Serverless.Local;

/// <summary>The schedule of a timer function, in UTC.</summary>
internal sealed class TimerSchedule
{
    private const int FieldCount = 6;
    private const int OccurrencesToCompare = 10;
    private static readonly TimeSpan ShortestMonitored = TimeSpan.FromMinutes(1);

    private readonly CrontabSchedule _cron;

    private TimerSchedule(string text, CrontabSchedule cron)
    {
        Text = text;
        _cron = cron;
    }

    /// <summary>The six fields.</summary>
    public string Text { get; }

    /// <summary>Reads a schedule, or the setting that holds it (<c>%Name%</c>).</summary>
    /// <exception cref="FormatException">It is malformed, or never occurs; the message says what is expected.</exception>
    public static TimerSchedule Parse(string text, IConfiguration settings, DateTime now)
    {
        if (text.Length > 2 && text[0] == '%' && text[^1] == '%')
        {
            var setting = text[1..^1];
            text = settings[setting] ?? throw new FormatException($"the schedule is in the setting '{setting}', which is not set.");
        }

        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length != FieldCount)
            throw new FormatException($"the schedule '{text}' must have six fields: {{second}} {{minute}} {{hour}} {{day}} {{month}} {{day of week}}.");
        var cron = CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = true })
            ?? throw new FormatException($"the schedule '{text}' is malformed.");
        var schedule = new TimerSchedule(text, cron);
        return schedule.Next(now) == DateTime.MaxValue ? throw new FormatException($"the schedule '{text}' never occurs.") : schedule;
    }

    /// <summary>The first occurrence after a time.</summary>
    public DateTime Next(DateTime after) => DateTime.SpecifyKind(_cron.GetNextOccurrence(after), DateTimeKind.Utc);

    /// <summary>Whether runs that were missed can be made up for: not where occurrences are less than a minute apart.</summary>
    public bool CanBeMonitored(DateTime now)
    {
        var previous = Next(now);
        for (var i = 0; i < OccurrencesToCompare; i++)
        {
            var next = Next(previous);
            if (next - previous < ShortestMonitored)
                return false;
            previous = next;
        }

        return true;
    }
}
