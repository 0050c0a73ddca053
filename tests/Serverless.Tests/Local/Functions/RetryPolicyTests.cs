using Microsoft.Azure.Functions.Worker;
using Serverless.Local;

namespace Serverless.Tests.Local.Functions;

public sealed class RetryPolicyTests
{
    [Fact]
    public void A_fixed_delay_stays_and_ends_after_the_count()
    {
        var policy = RetryPolicy.From(new FixedDelayRetryAttribute(3, "00:00:05"))!;
        Assert.Equal([5, 5, 5], Enumerable.Range(1, 3).Select(n => policy.Delay(n, Random.Shared).TotalSeconds));
        Assert.True(policy.Allows(3));
        Assert.False(policy.Allows(4));
    }

    [Fact]
    public void A_backoff_begins_with_the_minimum_doubles_with_jitter_and_stays_at_the_maximum()
    {
        var policy = RetryPolicy.From(new ExponentialBackoffRetryAttribute(-1, "00:00:01", "00:00:30"))!;
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            Assert.Equal(TimeSpan.FromSeconds(1), policy.Delay(1, random));
            Assert.InRange(policy.Delay(2, random).TotalSeconds, 1.8, 2.2);
            Assert.InRange(policy.Delay(3, random).TotalSeconds, 2.6, 3.4);
            Assert.InRange(policy.Delay(6, random).TotalSeconds, 13.8, 20.2);
            Assert.Equal(TimeSpan.FromSeconds(30), policy.Delay(8, random));
            Assert.Equal(TimeSpan.FromSeconds(30), policy.Delay(2_000_000, random));
        }

        Assert.True(policy.Allows(int.MaxValue));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-00:00:01")]
    public void A_malformed_interval_is_refused(string interval)
    {
        Assert.Throws<ArgumentOutOfRangeException>("delayInterval", () => new FixedDelayRetryAttribute(1, interval));
        Assert.Throws<ArgumentOutOfRangeException>("minimumInterval", () => new ExponentialBackoffRetryAttribute(1, interval, "00:00:01"));
        Assert.Throws<ArgumentOutOfRangeException>("maximumInterval", () => new ExponentialBackoffRetryAttribute(1, "00:00:01", interval));
    }

    [Fact]
    public void A_minimum_above_the_maximum_is_refused() =>
        Assert.Throws<ArgumentException>("minimumInterval", () => new ExponentialBackoffRetryAttribute(1, "00:00:02", "00:00:01"));
}
