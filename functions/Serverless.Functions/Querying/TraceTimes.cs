namespace Serverless.Functions.Querying;

/// <summary>When a trace was, as a caller says: a hint where to look first.</summary>
/// <param name="Start">Not later than its first span; null where that is not said.</param>
/// <param name="End">Not earlier than its last span; null where that is not said.</param>
public sealed record TraceTimes(DateTimeOffset? Start, DateTimeOffset? End)
{
    /// <summary>Nothing is said.</summary>
    public static TraceTimes Unknown { get; } = new(null, null);

    /// <summary>The times, given in microseconds since 1970; what is out of range, or ends before it begins, says nothing.</summary>
    public static TraceTimes OfMicroseconds(long? start, long? end)
    {
        if (start > end)
            return Unknown;
        return new TraceTimes(Time(start), Time(end));
    }

    /// <summary>Whether spans of the trace can have arrived on a day: they arrive after they began, and at the latest on the day after the end.</summary>
    public bool MayHave(DateOnly day) => (Start is not { } start || day >= DayOf(start)) && (End is not { } end || day.AddDays(-1) <= DayOf(end));

    private static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    private static DateTimeOffset? Time(long? microseconds)
    {
        if (microseconds is not { } value || value <= 0 || value > (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond)
            return null;
        return DateTimeOffset.UnixEpoch.AddTicks(value * TimeSpan.TicksPerMicrosecond);
    }
}
