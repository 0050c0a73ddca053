using System.Globalization;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Local;

/// <summary>When a failed invocation is tried again, by the host's rules.</summary>
internal sealed class RetryPolicy
{
    private const double LeastJitter = 0.8;
    private const double JitterRange = 0.4;

    private readonly TimeSpan _minimum;
    private readonly TimeSpan? _maximum;

    private RetryPolicy(int maxRetryCount, TimeSpan minimum, TimeSpan? maximum)
    {
        MaxRetryCount = maxRetryCount;
        _minimum = minimum;
        _maximum = maximum;
    }

    /// <summary>The number of further attempts; -1 for no end.</summary>
    public int MaxRetryCount { get; }

    /// <summary>The policy that an attribute asks for; null for none.</summary>
    public static RetryPolicy? From(RetryAttribute? attribute) => attribute switch
    {
        FixedDelayRetryAttribute retry => new RetryPolicy(retry.MaxRetryCount, Parse(retry.DelayInterval), null),
        ExponentialBackoffRetryAttribute retry => new RetryPolicy(retry.MaxRetryCount, Parse(retry.MinimumInterval), Parse(retry.MaximumInterval)),
        _ => null,
    };

    /// <summary>Whether there is a further attempt after this many.</summary>
    public bool Allows(int retry) => MaxRetryCount < 0 || retry <= MaxRetryCount;

    /// <summary>
    /// The time before a further attempt, the first being 1. With backoff: the minimum; then the minimum and
    /// r·2^(retry-2) times it, r uniform in [0.8, 1.2); from where that would reach the maximum, the maximum.
    /// </summary>
    public TimeSpan Delay(int retry, Random random)
    {
        if (_maximum is not { } maximum || retry <= 1)
            return _minimum;
        var jitter = LeastJitter + random.NextDouble() * JitterRange;
        var seconds = _minimum.TotalSeconds * (1 + jitter * Math.Pow(2, retry - 2));
        return seconds >= maximum.TotalSeconds ? maximum : TimeSpan.FromSeconds(seconds);
    }

    private static TimeSpan Parse(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);
}
