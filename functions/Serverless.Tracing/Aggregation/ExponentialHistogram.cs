using System.Numerics;

namespace Serverless.Tracing.Aggregation;

/// <summary>
/// Durations in nanoseconds, counted in buckets whose bounds grow by the factor 2^(1/8): a value is known to within 9 %.
/// </summary>
/// <remarks>
/// After OpenTelemetry's exponential histogram ("Metrics data model, ExponentialHistogram") with scale 3: bucket i counts the values in
/// (base^i, base^(i+1)] where base = 2^(2^-3); what is 0 or less has its own count. Counts may be negative: a histogram may be the difference of two.
/// </remarks>
public sealed class ExponentialHistogram
{
    /// <summary>OpenTelemetry's scale: 2^3 buckets for each power of two.</summary>
    public const int Scale = 3;

    /// <summary>The lowest bucket: that of 1 ns.</summary>
    public const int LowestBucket = -1;

    /// <summary>The highest bucket: that of the highest 64-bit number.</summary>
    public const int HighestBucket = (63 * PerPowerOfTwo) - 1;

    private const int PerPowerOfTwo = 1 << Scale;
    private const int FirstLength = 4;

    // 2^(63 + k/8) for k = 1..7, rounded down: a normalised value above bound k lies k buckets further.
    private static readonly ulong[] Bounds =
    [
        0x8B95C1E3EA8BD6E6, 0x9837F0518DB8A96F, 0xA5FED6A9B15138EA, 0xB504F333F9DE6484,
        0xC5672A115506DADD, 0xD744FCCAD69D6AF4, 0xEAC0C6E7DD24392E,
    ];

    private long[] _counts = [];
    private int _first;

    /// <summary>How many durations are 0, or less.</summary>
    public long ZeroCount { get; private set; }

    /// <summary>How many durations there are; may be negative.</summary>
    public long Count
    {
        get
        {
            var count = ZeroCount;
            foreach (var bucket in _counts)
                count += bucket;
            return count;
        }
    }

    /// <summary>No bucket has a count other than 0.</summary>
    public bool IsEmpty => ZeroCount == 0 && !_counts.AsSpan().ContainsAnyExcept(0);

    /// <summary>The lowest bucket that <see cref="Buckets"/> begins with.</summary>
    public int FirstBucket => _first;

    /// <summary>The counts of a run of buckets; all others are 0.</summary>
    public ReadOnlySpan<long> Buckets => _counts;

    /// <summary>The bucket of a duration above 0.</summary>
    public static int BucketOf(long ns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ns);
        var power = BitOperations.Log2((ulong)ns);
        var normalised = (ulong)ns << (63 - power);
        var bucket = power * PerPowerOfTwo;
        // The power of two itself is the upper bound of the bucket before.
        if (normalised == 1UL << 63)
            return bucket - 1;
        var further = normalised > Bounds[3] ? 4 : 0;
        if (normalised > Bounds[further + 1])
            further += 2;
        if (normalised > Bounds[further])
            further++;
        return bucket + further;
    }

    /// <summary>The bound above which a bucket's values lie, in nanoseconds.</summary>
    public static double LowerBoundOf(int bucket) => Math.Pow(2, (double)bucket / PerPowerOfTwo);

    /// <summary>The highest value of a bucket, in nanoseconds.</summary>
    public static double UpperBoundOf(int bucket) => LowerBoundOf(bucket + 1);

    /// <summary>Counts a duration.</summary>
    /// <param name="ns">The duration; what is below 0 counts as 0.</param>
    /// <param name="times">How many times; negative to take back.</param>
    /// <returns>True where its bucket had the count 0.</returns>
    public bool Add(long ns, long times = 1)
    {
        if (ns > 0)
            return AddToBucket(BucketOf(ns), times);
        var isNew = ZeroCount == 0;
        ZeroCount += times;
        return isNew;
    }

    /// <summary>Adds what another one counts.</summary>
    /// <param name="other">The other one.</param>
    /// <param name="times">How many times; negative to take back.</param>
    public void Add(ExponentialHistogram other, long times = 1)
    {
        ArgumentNullException.ThrowIfNull(other);
        ZeroCount += times * other.ZeroCount;
        for (var i = 0; i < other._counts.Length; i++)
        {
            if (other._counts[i] != 0)
                AddToBucket(other._first + i, times * other._counts[i]);
        }
    }

    /// <summary>Forgets everything, and keeps its memory.</summary>
    public void Clear()
    {
        ZeroCount = 0;
        Array.Clear(_counts);
    }

    /// <summary>
    /// The duration, in nanoseconds, that a share of all lies at or below: interpolated in its bucket on the logarithmic scale, as Prometheus does
    /// for native histograms. NaN where there are none. A negative count is taken as 0.
    /// </summary>
    /// <param name="quantile">The share, from 0 to 1.</param>
    public double Quantile(double quantile)
    {
        if (!(quantile is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(quantile), quantile, "A quantile is a number from 0 to 1.");
        var zeros = Math.Max(0, ZeroCount);
        double total = zeros;
        foreach (var count in _counts)
            total += Math.Max(0, count);
        if (total == 0)
            return double.NaN;
        var rank = quantile * total;
        double below = zeros;
        if (zeros > 0 && rank <= below)
            return 0;
        var last = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] <= 0)
                continue;
            last = i;
            if (below + _counts[i] >= rank)
                break;
            below += _counts[i];
        }

        var share = Math.Clamp((rank - below) / _counts[last], 0, 1);
        return Math.Pow(2, (_first + last + share) / PerPowerOfTwo);
    }

    internal void AddZeros(long times) => ZeroCount += times;

    internal bool AddToBucket(int bucket, long times)
    {
        var at = bucket - _first;
        if ((uint)at >= (uint)_counts.Length)
            at = Grow(bucket);
        ref var count = ref _counts[at];
        var isNew = count == 0;
        count += times;
        return isNew;
    }

    private int Grow(int bucket)
    {
        if (_counts.Length == 0)
        {
            _first = Math.Max(LowestBucket, bucket - 1);
            _counts = new long[FirstLength];
            return bucket - _first;
        }

        // Grows towards the side that is needed, at least twice as long.
        var end = _first + _counts.Length;
        var (first, newEnd) = bucket < _first
            ? (Math.Max(LowestBucket, Math.Min(bucket, _first - _counts.Length)), end)
            : (_first, Math.Max(bucket + 1, end + _counts.Length));
        var counts = new long[newEnd - first];
        _counts.CopyTo(counts, _first - first);
        (_first, _counts) = (first, counts);
        return bucket - first;
    }
}
