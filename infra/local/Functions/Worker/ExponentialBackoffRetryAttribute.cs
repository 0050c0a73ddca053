using System.Globalization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Tries a failed invocation again after a time that doubles, between two bounds.</summary>
public sealed class ExponentialBackoffRetryAttribute : RetryAttribute
{
    /// <summary>Takes the number of further attempts (-1 for no end) and the shortest and longest time before one, <c>HH:mm:ss</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An interval is malformed or negative.</exception>
    /// <exception cref="ArgumentException">The minimum is above the maximum.</exception>
    public ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval)
    {
        var minimum = Parse(minimumInterval, nameof(minimumInterval));
        var maximum = Parse(maximumInterval, nameof(maximumInterval));
        if (minimum > maximum)
            throw new ArgumentException("The minimum interval must not be above the maximum interval.", nameof(minimumInterval));
        MaxRetryCount = maxRetryCount;
        MinimumInterval = minimumInterval;
        MaximumInterval = maximumInterval;
    }

    /// <summary>The shortest time before a further attempt, <c>HH:mm:ss</c>.</summary>
    public string MinimumInterval { get; }

    /// <summary>The longest time before a further attempt, <c>HH:mm:ss</c>.</summary>
    public string MaximumInterval { get; }

    private static TimeSpan Parse(string text, string parameter) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && interval >= TimeSpan.Zero
            ? interval
            : throw new ArgumentOutOfRangeException(parameter, text, "The interval must be a TimeSpan (HH:mm:ss) that is not negative.");
}
