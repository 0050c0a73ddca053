// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

namespace Azure.Messaging.EventHubs.Producer;

/// <summary>How a producer behaves.</summary>
public class EventHubProducerClientOptions
{
    private EventHubsRetryOptions _retryOptions = new();

    /// <summary>A name for the producer in logs; null for one of its own.</summary>
    public string Identifier { get; set; }

    /// <summary>How it tries again; kept, but not followed by the local platform (see <see cref="EventHubsRetryOptions"/>).</summary>
    public EventHubsRetryOptions RetryOptions
    {
        get => _retryOptions;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _retryOptions = value;
        }
    }
}
