// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

using System.Runtime.CompilerServices;
using Azure.Core;
using Serverless.Local;

namespace Azure.Messaging.EventHubs.Consumer;

/// <summary>Reads events from an event hub, without keeping track of how far it got.</summary>
public class EventHubConsumerClient : IAsyncDisposable
{
    /// <summary>The consumer group that every hub has.</summary>
    public const string DefaultConsumerGroupName = "$Default";

    private readonly EventHubClient _client;

    /// <summary>A consumer of a hub of the namespace that the connection string leads to.</summary>
    public EventHubConsumerClient(string consumerGroup, string connectionString, string eventHubName)
        : this(consumerGroup, EventHubClient.FromConnectionString(connectionString, eventHubName))
    {
    }

    /// <summary>A consumer of a hub of a namespace, which is the current local platform's; the credential is not asked.</summary>
    public EventHubConsumerClient(
        string consumerGroup, string fullyQualifiedNamespace, string eventHubName, TokenCredential credential, EventHubConsumerClientOptions clientOptions = null)
        : this(consumerGroup, EventHubClient.FromNamespace(fullyQualifiedNamespace, eventHubName, credential))
    {
        Identifier = clientOptions?.Identifier ?? Identifier;
    }

    private EventHubConsumerClient(string consumerGroup, EventHubClient client)
    {
        ArgumentException.ThrowIfNullOrEmpty(consumerGroup);
        EventHubNames.CheckConsumerGroup(consumerGroup);
        ConsumerGroup = consumerGroup;
        _client = client;
    }

    /// <summary>The consumer group.</summary>
    public string ConsumerGroup { get; }

    /// <summary>The consumer's name in logs.</summary>
    public string Identifier { get; } = Guid.NewGuid().ToString();

    /// <summary>The hub's name.</summary>
    public string EventHubName => _client.HubName;

    /// <summary>The namespace's host name.</summary>
    public string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    /// <summary>Whether the consumer has been closed.</summary>
    public bool IsClosed { get; protected set; }

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

    /// <summary>The partition's events from a position on, without end.</summary>
    public virtual IAsyncEnumerable<PartitionEvent> ReadEventsFromPartitionAsync(
        string partitionId, EventPosition startingPosition, CancellationToken cancellationToken = default) =>
        ReadEventsFromPartitionAsync(partitionId, startingPosition, null, cancellationToken);

    /// <summary>The partition's events from a position on, without end.</summary>
    public virtual async IAsyncEnumerable<PartitionEvent> ReadEventsFromPartitionAsync(
        string partitionId, EventPosition startingPosition, ReadEventOptions readOptions,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        readOptions ??= new ReadEventOptions();
        var partition = _client.Hub.Partition(partitionId);
        var context = new PartitionContext(FullyQualifiedNamespace, EventHubName, ConsumerGroup, partitionId);
        using var reader = partition.OpenReader(partition.Resolve(startingPosition));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<IReadOnlyList<EventData>> read = null;
        try
        {
            while (true)
            {
                read ??= reader.ReadAsync(readOptions.CacheEventCount, ended.Token).AsTask();
                if (readOptions.MaximumWaitTime is { } time && !await EndsWithin(read, time, cancellationToken))
                {
                    yield return default;
                    continue;
                }

                var events = await read;
                read = null;
                foreach (var data in events)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return new PartitionEvent(context, data);
                }
            }
        }
        finally
        {
            // A read that still waits would outlive its reader.
            await ended.CancelAsync();
            if (read is not null)
                await read.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Closes the consumer.</summary>
    public virtual Task CloseAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        IsClosed = true;
        return Task.CompletedTask;
    }

    /// <summary>Closes the consumer.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private async Task<bool> EndsWithin(Task read, TimeSpan time, CancellationToken cancellation)
    {
        if (read.IsCompleted)
            return true;
        using var waited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ended = await Task.WhenAny(read, Task.Delay(time, _client.Clock, waited.Token));
        await waited.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
        return ended == read;
    }

    private void ThrowIfClosed()
    {
        if (IsClosed)
            throw EventHubClient.Closed(nameof(EventHubConsumerClient), EventHubName);
    }
}
