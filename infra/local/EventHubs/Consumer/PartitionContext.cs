// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

namespace Azure.Messaging.EventHubs.Consumer;

/// <summary>The partition that an event came from.</summary>
public class PartitionContext
{
    /// <summary>Takes the values over.</summary>
    protected internal PartitionContext(string fullyQualifiedNamespace, string eventHubName, string consumerGroup, string partitionId)
    {
        FullyQualifiedNamespace = fullyQualifiedNamespace;
        EventHubName = eventHubName;
        ConsumerGroup = consumerGroup;
        PartitionId = partitionId;
    }

    /// <summary>The namespace's host name.</summary>
    public string FullyQualifiedNamespace { get; }

    /// <summary>The hub's name.</summary>
    public string EventHubName { get; }

    /// <summary>The consumer group that read it.</summary>
    public string ConsumerGroup { get; }

    /// <summary>The partition's id.</summary>
    public string PartitionId { get; }
}
