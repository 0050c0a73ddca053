using System.Globalization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Tries a failed invocation again after a constant time.</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    /// <summary>Takes the number of further attempts (-1 for no end) and the time before each, <c>HH:mm:ss</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The interval is malformed or negative.</exception>
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        if (!TimeSpan.TryParse(delayInterval, CultureInfo.InvariantCulture, out var delay) || delay < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(delayInterval), delayInterval, "The interval must be a TimeSpan (HH:mm:ss) that is not negative.");
        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    /// <summary>The time before each further attempt, <c>HH:mm:ss</c>.</summary>
    public string DelayInterval { get; }
}
