// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

namespace Azure.Messaging.EventHubs.Consumer;

/// <summary>How a consumer behaves.</summary>
public class EventHubConsumerClientOptions
{
    /// <summary>A name for the consumer in logs; null for one of its own.</summary>
    public string Identifier { get; set; }
}
