using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Serverless.Functions.Accounting;

namespace Serverless.Functions.Buffering;

/// <summary>An event hub: the one place that sends to hubs and asks about them. Each hub is a class of its own, by its name.</summary>
/// <param name="producer">The connection to the hub.</param>
/// <param name="name">The hub's name, for messages.</param>
/// <param name="work">Counts the hub's events; null where they are counted otherwise.</param>
public abstract class EventHub(EventHubProducerClient producer, string name, WorkCounts? work = null) : IAsyncDisposable
{
    /// <summary>The name of the setting that says where the hubs are.</summary>
    public const string ConnectionSetting = "SpansHub";

    // What fits a unit is billed as one event.
    private const int UnitBytes = 64 << 10;

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
            work?.Add(WorkCounts.HubEvents, name);
            work?.Add(WorkCounts.HubUnits, name, UnitsOf(body.Length));
            return true;
        }
        catch (EventHubsException e)
        {
            throw Translate(e, $"sending to partition {partitionId} of");
        }
    }

    /// <summary>As how many events of up to 64 KB an event of so many bytes is billed.</summary>
    internal static long UnitsOf(long bytes) => Math.Max(1, (bytes + UnitBytes - 1) / UnitBytes);

    /// <summary>What a partition has now, read at once.</summary>
    /// <exception cref="HubException">The hub cannot be reached.</exception>
    public async Task<PartitionEnds> EndsAsync(string partitionId, CancellationToken cancellation)
    {
        try
        {
            var properties = await producer.GetPartitionPropertiesAsync(partitionId, cancellation);
            return new PartitionEnds(partitionId, Math.Max(0, properties.BeginningSequenceNumber), properties.LastEnqueuedSequenceNumber, properties.LastEnqueuedTime);
        }
        catch (EventHubsException e)
        {
            throw Translate(e, $"asking about partition {partitionId} of");
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
