// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

namespace Azure.Messaging.EventHubs;

/// <summary>What is known of an event hub.</summary>
public class EventHubProperties
{
    /// <summary>Takes the values over.</summary>
    protected internal EventHubProperties(string name, DateTimeOffset createdOn, string[] partitionIds, bool isGeoReplicationEnabled)
    {
        Name = name;
        CreatedOn = createdOn;
        PartitionIds = partitionIds;
        IsGeoReplicationEnabled = isGeoReplicationEnabled;
    }

    /// <summary>The hub's name.</summary>
    public string Name { get; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedOn { get; }

    /// <summary>The ids of its partitions, "0" and up.</summary>
    public string[] PartitionIds { get; }

    /// <summary>Whether the namespace is replicated to other regions; never, here.</summary>
    public bool IsGeoReplicationEnabled { get; }
}
