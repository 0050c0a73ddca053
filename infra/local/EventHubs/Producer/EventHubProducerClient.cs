// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

using Azure.Core;
using Serverless.Local;

namespace Azure.Messaging.EventHubs.Producer;

/// <summary>
/// Sends events to an event hub. A send has ended when its events are durable. Unlike the service's client this one does not
/// try again by itself: every transient failure reaches the caller, as it would after the last retry.
/// </summary>
public class EventHubProducerClient : IAsyncDisposable
{
    private readonly EventHubClient _client;

    /// <summary>A producer for the hub that the connection string names (<c>EntityPath</c>).</summary>
    public EventHubProducerClient(string connectionString)
        : this(connectionString, null, null)
    {
    }

    /// <summary>A producer for a hub of the namespace that the connection string leads to.</summary>
    public EventHubProducerClient(string connectionString, string eventHubName)
        : this(connectionString, eventHubName, null)
    {
    }

    /// <summary>A producer for a hub of the namespace that the connection string leads to.</summary>
    public EventHubProducerClient(string connectionString, string eventHubName, EventHubProducerClientOptions clientOptions)
    {
        _client = EventHubClient.FromConnectionString(connectionString, eventHubName);
        Identifier = clientOptions?.Identifier ?? Guid.NewGuid().ToString();
    }

    /// <summary>A producer for a hub of a namespace, which is the current local platform's; the credential is not asked.</summary>
    public EventHubProducerClient(
        string fullyQualifiedNamespace, string eventHubName, TokenCredential credential, EventHubProducerClientOptions clientOptions = null)
    {
        _client = EventHubClient.FromNamespace(fullyQualifiedNamespace, eventHubName, credential);
        Identifier = clientOptions?.Identifier ?? Guid.NewGuid().ToString();
    }

    /// <summary>The hub's name.</summary>
    public string EventHubName => _client.HubName;

    /// <summary>The namespace's host name.</summary>
    public string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    /// <summary>The producer's name in logs.</summary>
    public string Identifier { get; }

    /// <summary>Whether the producer has been closed.</summary>
    public bool IsClosed { get; protected set; }

    /// <summary>A batch of the largest size that the service takes, for any partition.</summary>
    public virtual ValueTask<EventDataBatch> CreateBatchAsync(CancellationToken cancellationToken = default) =>
        CreateBatchAsync(null, cancellationToken);

    /// <summary>A batch.</summary>
    /// <exception cref="InvalidOperationException">The options have both a partition id and a partition key.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The largest size is over what the service takes.</exception>
    public virtual ValueTask<EventDataBatch> CreateBatchAsync(CreateBatchOptions options, CancellationToken cancellationToken = default)
    {
        var target = TargetOf(options);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        var limit = options?.MaximumSizeInBytes ?? AmqpSize.MaximumPublication;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, AmqpSize.MaximumPublication, nameof(options.MaximumSizeInBytes));
        return ValueTask.FromResult(new EventDataBatch(target, limit));
    }

    /// <summary>Sends a batch; one without events is not sent.</summary>
    /// <exception cref="EventHubsException">The batch was not taken over, or (ServiceTimeout) may have been.</exception>
    public virtual async Task SendAsync(EventDataBatch eventBatch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventBatch);
        var events = eventBatch.BeginSend();
        try
        {
            await SendAsync(events, eventBatch.SendOptions, cancellationToken);
        }
        finally
        {
            eventBatch.EndSend();
        }
    }

    /// <summary>Sends events as one batch; none are not sent.</summary>
    /// <exception cref="EventHubsException">MessageSizeExceeded: they are too large for one batch. Others: as for a batch.</exception>
    public virtual Task SendAsync(IEnumerable<EventData> eventBatch, CancellationToken cancellationToken = default) =>
        SendAsync(eventBatch, null, cancellationToken);

    /// <summary>Sends events as one batch; none are not sent.</summary>
    /// <exception cref="InvalidOperationException">The options have both a partition id and a partition key.</exception>
    /// <exception cref="EventHubsException">MessageSizeExceeded: they are too large for one batch. Others: as for a batch.</exception>
    public virtual async Task SendAsync(
        IEnumerable<EventData> eventBatch, SendEventOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventBatch);
        var target = TargetOf(options);
        var events = new EncodedEvents(target.PartitionKey);
        foreach (var data in eventBatch)
        {
            if (!events.TryAdd(data, AmqpSize.MaximumPublication))
            {
                throw new EventHubsException(
                    EventHubName,
                    $"The received message (delivery-id:0, size over the limit) exceeds the limit ({AmqpSize.MaximumPublication} bytes) currently allowed on the link: send the events in several batches",
                    EventHubsException.FailureReason.MessageSizeExceeded);
            }
        }

        await SendAsync(events, target, cancellationToken);
    }

    /// <summary>What is known of the hub.</summary>
    public virtual Task<EventHubProperties> GetEventHubPropertiesAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return _client.GetPropertiesAsync(cancellationToken);
    }

    /// <summary>The ids of the hub's partitions.</summary>
    public virtual async Task<string[]> GetPartitionIdsAsync(CancellationToken cancellationToken = default) =>
        (await GetEventHubPropertiesAsync(cancellationToken)).PartitionIds;

    /// <summary>What is known of a partition.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such partition.</exception>
    public virtual Task<PartitionProperties> GetPartitionPropertiesAsync(string partitionId, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return _client.GetPartitionPropertiesAsync(partitionId, cancellationToken);
    }

    /// <summary>Closes the producer.</summary>
    public virtual Task CloseAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        IsClosed = true;
        return Task.CompletedTask;
    }

    /// <summary>Closes the producer.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private static SendEventOptions TargetOf(SendEventOptions options)
    {
        if (!string.IsNullOrEmpty(options?.PartitionId) && !string.IsNullOrEmpty(options.PartitionKey))
        {
            throw new InvalidOperationException(
                $"An event cannot be sent using both a partition key and a partition identifier. This operation specified partition key '{options.PartitionKey}' and partition id '{options.PartitionId}'.");
        }

        return new SendEventOptions { PartitionId = options?.PartitionId, PartitionKey = options?.PartitionKey };
    }

    private async Task SendAsync(EncodedEvents events, SendEventOptions target, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        await _client.SendAsync(events, target, cancellationToken);
    }

    private void ThrowIfClosed()
    {
        if (IsClosed)
            throw EventHubClient.Closed(nameof(EventHubProducerClient), EventHubName);
    }
}
