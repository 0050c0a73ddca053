namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs a function for the events of a hub.</summary>
/// <param name="eventHubName">The hub.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class EventHubTriggerAttribute(string eventHubName) : Attribute
{
    /// <summary>The hub.</summary>
    public string EventHubName { get; } = eventHubName;

    /// <summary>The consumer group whose checkpoints are used; <c>$Default</c> where null.</summary>
    public string? ConsumerGroup { get; set; }

    /// <summary>The setting that holds the connection string, or the prefix of the settings that do.</summary>
    public string? Connection { get; set; }

    /// <summary>True for one invocation per batch, false for one per event.</summary>
    public bool IsBatched { get; set; } = true;
}
