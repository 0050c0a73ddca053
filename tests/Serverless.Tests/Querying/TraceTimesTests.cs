using Serverless.Functions.Querying;

namespace Serverless.Tests.Querying;

public sealed class TraceTimesTests
{
    private static readonly DateOnly Day = new(2026, 3, 10);

    [Fact]
    public void Days_from_the_start_to_the_day_after_the_end_may_have_the_trace()
    {
        var times = TraceTimes.OfMicroseconds(Microseconds(2026, 3, 10, 23), Microseconds(2026, 3, 11, 1));
        Assert.Equal([false, true, true, true, false], Enumerable.Range(-1, 5).Select(i => times.MayHave(Day.AddDays(i))));
    }

    [Fact]
    public void One_end_alone_bounds_only_its_side()
    {
        Assert.True(TraceTimes.OfMicroseconds(Microseconds(2026, 3, 10, 0), null).MayHave(Day.AddYears(1)));
        Assert.False(TraceTimes.OfMicroseconds(Microseconds(2026, 3, 10, 0), null).MayHave(Day.AddDays(-1)));
        Assert.True(TraceTimes.OfMicroseconds(null, Microseconds(2026, 3, 10, 0)).MayHave(Day.AddYears(-1)));
        Assert.False(TraceTimes.OfMicroseconds(null, Microseconds(2026, 3, 10, 0)).MayHave(Day.AddDays(2)));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(0L, -5L)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(20_000_000_000_000_000L, 1L)]
    public void Times_that_make_no_sense_say_nothing(long? start, long? end)
    {
        var times = TraceTimes.OfMicroseconds(start, end);
        Assert.True(times.MayHave(DateOnly.MinValue.AddDays(1)));
        Assert.True(times.MayHave(DateOnly.MaxValue));
    }

    private static long Microseconds(int year, int month, int day, int hour) =>
        (new DateTimeOffset(year, month, day, hour, 0, 0, TimeSpan.Zero) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
