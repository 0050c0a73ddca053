// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

namespace Azure.Messaging.EventHubs;

/// <summary>What is known of a partition.</summary>
public class PartitionProperties
{
    /// <summary>Takes the values over.</summary>
    protected internal PartitionProperties(
        string eventHubName, string partitionId, bool isEmpty, long beginningSequenceNumber, long lastSequenceNumber,
        string lastOffsetString, DateTimeOffset lastEnqueuedTime)
    {
        EventHubName = eventHubName;
        Id = partitionId;
        IsEmpty = isEmpty;
        BeginningSequenceNumber = beginningSequenceNumber;
        LastEnqueuedSequenceNumber = lastSequenceNumber;
        LastEnqueuedOffsetString = lastOffsetString;
        LastEnqueuedTime = lastEnqueuedTime;
    }

    /// <summary>The hub's name.</summary>
    public string EventHubName { get; }

    /// <summary>The partition's id.</summary>
    public string Id { get; }

    /// <summary>Whether the partition holds no events.</summary>
    public bool IsEmpty { get; }

    /// <summary>The number of the oldest event that is still there.</summary>
    public long BeginningSequenceNumber { get; }

    /// <summary>The number of the newest event; -1 before the first.</summary>
    public long LastEnqueuedSequenceNumber { get; }

    /// <summary>The offset of the newest event.</summary>
    public string LastEnqueuedOffsetString { get; }

    /// <summary>When the newest event was enqueued, UTC.</summary>
    public DateTimeOffset LastEnqueuedTime { get; }
}
