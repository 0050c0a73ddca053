namespace Azure.Messaging.EventHubs.Consumer;

/// <summary>How events are read.</summary>
public class ReadEventOptions
{
    private int _cacheEventCount = 100;
    private TimeSpan? _maximumWaitTime;

    /// <summary>How many events are taken from the hub at once, at least 1.</summary>
    public int CacheEventCount
    {
        get => _cacheEventCount;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _cacheEventCount = value;
        }
    }

    /// <summary>How long to wait for an event before an empty one is given instead; null to wait without end.</summary>
    public TimeSpan? MaximumWaitTime
    {
        get => _maximumWaitTime;
        set
        {
            if (value is { } time)
                ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
            _maximumWaitTime = value;
        }
    }
}
