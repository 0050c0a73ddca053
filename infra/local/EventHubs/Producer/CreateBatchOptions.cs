namespace Azure.Messaging.EventHubs.Producer;

/// <summary>Where a batch's events go, and how large it may become.</summary>
public class CreateBatchOptions : SendEventOptions
{
    /// <summary>The least limit that a batch can have, bytes.</summary>
    internal const long MinimumBatchSizeInBytes = 24;

    private long? _maximumSizeInBytes;

    /// <summary>The largest size of the batch, bytes; null for what the service takes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is under 24.</exception>
    public long? MaximumSizeInBytes
    {
        get => _maximumSizeInBytes;
        set
        {
            if (value is { } size)
                ArgumentOutOfRangeException.ThrowIfLessThan(size, MinimumBatchSizeInBytes, nameof(MaximumSizeInBytes));
            _maximumSizeInBytes = value;
        }
    }
}
