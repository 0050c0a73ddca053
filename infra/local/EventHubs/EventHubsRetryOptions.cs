namespace Azure.Messaging.EventHubs;

/// <summary>
/// How often and when a client tries again after a transient failure. The local platform keeps the values but does not try
/// again by itself, so that every injected fault reaches the application.
/// </summary>
public class EventHubsRetryOptions
{
    private int _maximumRetries = 3;
    private TimeSpan _delay = TimeSpan.FromSeconds(0.8);
    private TimeSpan _maximumDelay = TimeSpan.FromMinutes(1);
    private TimeSpan _tryTimeout = TimeSpan.FromMinutes(1);

    /// <summary>How the delay grows.</summary>
    public EventHubsRetryMode Mode { get; set; } = EventHubsRetryMode.Exponential;

    /// <summary>How many tries follow the first, 0 to 100.</summary>
    public int MaximumRetries
    {
        get => _maximumRetries;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100);
            _maximumRetries = value;
        }
    }

    /// <summary>The time before the first retry, 1 ms to 5 min.</summary>
    public TimeSpan Delay
    {
        get => _delay;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMinutes(5));
            _delay = value;
        }
    }

    /// <summary>The longest time between tries.</summary>
    public TimeSpan MaximumDelay
    {
        get => _maximumDelay;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _maximumDelay = value;
        }
    }

    /// <summary>The time that one try may take.</summary>
    public TimeSpan TryTimeout
    {
        get => _tryTimeout;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _tryTimeout = value;
        }
    }
}
