// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

namespace Azure.Messaging.EventHubs.Producer;

/// <summary>Where events go: to a partition, to the partition of a key, or (neither) to the next partition in turn.</summary>
public class SendEventOptions
{
    /// <summary>The partition's id, or null. Not together with <see cref="PartitionKey"/>.</summary>
    public string PartitionId { get; set; }

    /// <summary>Events with the same key go to the same partition. Not together with <see cref="PartitionId"/>.</summary>
    public string PartitionKey { get; set; }
}
