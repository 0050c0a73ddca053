namespace Azure.Messaging.EventHubs;

/// <summary>How the time between tries grows.</summary>
public enum EventHubsRetryMode
{
    /// <summary>It stays the same.</summary>
    Fixed = 0,

    /// <summary>It doubles.</summary>
    Exponential = 1,
}
