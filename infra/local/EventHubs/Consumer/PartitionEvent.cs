// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

namespace Azure.Messaging.EventHubs.Consumer;

/// <summary>An event and the partition that it came from; both are null where none came within the time to wait.</summary>
public struct PartitionEvent
{
    /// <summary>Takes the values over.</summary>
    public PartitionEvent(PartitionContext partition, EventData data)
    {
        Partition = partition;
        Data = data;
    }

    /// <summary>The partition.</summary>
    public PartitionContext Partition { get; }

    /// <summary>The event.</summary>
    public EventData Data { get; }
}
