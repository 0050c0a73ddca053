// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

namespace Azure.Messaging.EventHubs;

/// <summary>Makes received events and properties for tests of code that takes them.</summary>
public static class EventHubsModelFactory
{
    /// <summary>An event as if it had been received.</summary>
    public static EventData EventData(
        BinaryData eventBody,
        IDictionary<string, object> properties = null,
        IReadOnlyDictionary<string, object> systemProperties = null,
        string partitionKey = null,
        long sequenceNumber = long.MinValue,
        string offsetString = null,
        DateTimeOffset enqueuedTime = default) =>
        new(eventBody, properties, systemProperties, partitionKey, sequenceNumber, offsetString, enqueuedTime);

    /// <summary>Properties of a hub.</summary>
    public static EventHubProperties EventHubProperties(
        string name, DateTimeOffset createdOn, string[] partitionIds, bool isGeoReplicationEnabled) =>
        new(name, createdOn, partitionIds, isGeoReplicationEnabled);

    /// <summary>Properties of a partition.</summary>
    public static PartitionProperties PartitionProperties(
        string eventHubName, string partitionId, bool isEmpty, long beginningSequenceNumber, long lastSequenceNumber,
        string lastOffsetString, DateTimeOffset lastEnqueuedTime) =>
        new(eventHubName, partitionId, isEmpty, beginningSequenceNumber, lastSequenceNumber, lastOffsetString, lastEnqueuedTime);
}
