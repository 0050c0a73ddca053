using Serverless.Tracing.Aggregation;

namespace Serverless.Tests.Aggregation;

public sealed class ExponentialHistogramTests
{
    [Fact]
    public void A_power_of_two_is_the_highest_value_of_its_bucket()
    {
        for (var power = 0; power < 63; power++)
        {
            Assert.Equal((power * 8) - 1, ExponentialHistogram.BucketOf(1L << power));
            if (power > 4)
                Assert.Equal(power * 8, ExponentialHistogram.BucketOf((1L << power) + 1));
        }

        Assert.Equal(ExponentialHistogram.LowestBucket, ExponentialHistogram.BucketOf(1));
        Assert.Equal(ExponentialHistogram.HighestBucket, ExponentialHistogram.BucketOf(long.MaxValue));
    }

    [Fact]
    public void Every_value_lies_within_the_bounds_of_its_bucket()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var value = random.NextInt64(1, 1L << random.Next(1, 52));
            var bucket = ExponentialHistogram.BucketOf(value);
            // Doubles are exact to far less than the distance between neighbouring integers here.
            Assert.True(value > ExponentialHistogram.LowerBoundOf(bucket) * (1 - 1e-12), $"{value} in bucket {bucket}");
            Assert.True(value <= ExponentialHistogram.UpperBoundOf(bucket) * (1 + 1e-12), $"{value} in bucket {bucket}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void What_is_not_above_zero_has_no_bucket(long value)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ExponentialHistogram.BucketOf(value));
        var histogram = new ExponentialHistogram();
        histogram.Add(value);
        Assert.Equal(1, histogram.ZeroCount);
        Assert.Equal(0, histogram.Quantile(0.5));
    }

    [Fact]
    public void A_quantile_is_within_nine_percent_of_the_true_one()
    {
        var random = new Random(2);
        var values = Enumerable.Range(0, 10_000).Select(_ => (long)Math.Exp(random.NextDouble() * 20)).Order().ToArray();
        var histogram = new ExponentialHistogram();
        foreach (var value in values)
            histogram.Add(value);

        foreach (var quantile in new[] { 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999 })
        {
            var exact = values[(int)(quantile * values.Length)];
            Assert.InRange(histogram.Quantile(quantile) / exact, 0.90, 1.10);
        }
    }

    [Fact]
    public void A_quantile_of_one_bucket_moves_through_it()
    {
        var histogram = new ExponentialHistogram();
        histogram.Add(1024, 4);

        Assert.Equal(ExponentialHistogram.LowerBoundOf(79), histogram.Quantile(0), 6);
        Assert.Equal(Math.Pow(2, 79.5 / 8), histogram.Quantile(0.5), 6);
        Assert.Equal(1024, histogram.Quantile(1), 6);
    }

    [Fact]
    public void Nothing_has_no_quantile_and_a_quantile_is_a_share()
    {
        Assert.True(double.IsNaN(new ExponentialHistogram().Quantile(0.5)));
        Assert.Contains("A quantile is a number from 0 to 1.", Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialHistogram().Quantile(1.1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialHistogram().Quantile(double.NaN));
    }

    [Fact]
    public void What_is_taken_back_leaves_nothing()
    {
        var random = new Random(3);
        var (all, back) = (new ExponentialHistogram(), new ExponentialHistogram());
        for (var i = 0; i < 1_000; i++)
        {
            var value = random.NextInt64(0, long.MaxValue) >> random.Next(63);
            all.Add(value);
            back.Add(value, -1);
        }

        Assert.Equal(1_000, all.Count);
        Assert.Equal(-1_000, back.Count);
        all.Add(back);
        Assert.True(all.IsEmpty);
        all.Add(back, -1);
        Assert.Equal(1_000, all.Count);
    }
}
