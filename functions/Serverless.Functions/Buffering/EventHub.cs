using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;

namespace Serverless.Functions.Buffering;

/// <summary>An event hub: the one place that sends to hubs and asks about them. Each hub is a class of its own, by its name.</summary>
/// <param name="producer">The connection to the hub.</param>
/// <param name="name">The hub's name, for messages.</param>
public abstract class EventHub(EventHubProducerClient producer, string name) : IAsyncDisposable
{
    /// <summary>The name of the setting that says where the hubs are.</summary>
    public const string ConnectionSetting = "SpansHub";

    private volatile string[]? _partitionIds;

    /// <summary>The ids of the hub's partitions; asked for once.</summary>
    /// <exception cref="HubException">The hub cannot be reached.</exception>
    public async ValueTask<IReadOnlyList<string>> PartitionIdsAsync(CancellationToken cancellation)
    {
        if (_partitionIds is { } known)
            return known;
        try
        {
            return _partitionIds = await producer.GetPartitionIdsAsync(cancellation);
        }
        catch (EventHubsException e)
        {
            throw Translate(e, "asking for the partitions of");
        }
    }

    /// <summary>Sends one event to one partition; returns when the hub has it durably.</summary>
    /// <returns>False where the event is larger than the hub takes.</returns>
    /// <exception cref="HubException">The hub may or may not have it.</exception>
    public async Task<bool> TrySendAsync(string partitionId, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        try
        {
            using var batch = await producer.CreateBatchAsync(new CreateBatchOptions { PartitionId = partitionId }, cancellation);
            if (!batch.TryAdd(new EventData(body)))
                return false;
            await producer.SendAsync(batch, cancellation);
            return true;
        }
        catch (EventHubsException e)
        {
            throw Translate(e, $"sending to partition {partitionId} of");
        }
    }

    /// <summary>The last sequence number that a partition has, or -1 where it is empty.</summary>
    /// <exception cref="HubException">The hub cannot be reached.</exception>
    public async Task<long> LastSequenceNumberAsync(string partitionId, CancellationToken cancellation)
    {
        try
        {
            var properties = await producer.GetPartitionPropertiesAsync(partitionId, cancellation);
            return properties.IsEmpty ? -1 : properties.LastEnqueuedSequenceNumber;
        }
        catch (EventHubsException e)
        {
            throw Translate(e, $"asking about partition {partitionId} of");
        }
    }

    /// <summary>The sequence number of the oldest event that a partition still has, or would have.</summary>
    /// <exception cref="HubException">The hub cannot be reached.</exception>
    public async Task<long> FirstSequenceNumberAsync(string partitionId, CancellationToken cancellation)
    {
        try
        {
            return Math.Max(0, (await producer.GetPartitionPropertiesAsync(partitionId, cancellation)).BeginningSequenceNumber);
        }
        catch (EventHubsException e)
        {
            throw Translate(e, $"asking about partition {partitionId} of");
        }
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await producer.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private HubException Translate(EventHubsException e, string doing) => new(
        $"{e.Reason} while {doing} hub '{name}': {e.Message}", e.Reason == EventHubsException.FailureReason.ServiceBusy, e);
}
