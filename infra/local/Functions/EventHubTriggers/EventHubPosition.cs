namespace Serverless.Local;

/// <summary>A consumer group's place in one partition of a hub.</summary>
internal sealed class EventHubPosition(EventHubLog hub, EventHubPartition partition, string consumerGroup, CheckpointStore checkpoints)
{
    /// <summary>The hub's name.</summary>
    public string HubName => hub.Name;

    /// <summary>The consumer group.</summary>
    public string ConsumerGroup => consumerGroup;

    /// <summary>The partition.</summary>
    public EventHubPartition Partition => partition;

    /// <summary>The sequence number of the last event that was dealt with; null for none.</summary>
    public long? ReadCheckpoint() => checkpoints.Get(hub.Name, consumerGroup, partition.Id);

    /// <summary>Notes the last event that was dealt with.</summary>
    public ValueTask WriteCheckpointAsync(long sequenceNumber) =>
        checkpoints.SetAsync(hub.Name, consumerGroup, partition.Id, sequenceNumber, CancellationToken.None);

    /// <inheritdoc/>
    public override string ToString() => $"{hub.Name}/{consumerGroup}/{partition.Id}";
}
