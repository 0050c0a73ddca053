using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;

namespace Serverless.Functions.Buffering;

/// <summary>The event hub <c>spans</c>: the one place that sends to it and asks about it.</summary>
public sealed class SpanHub(EventHubProducerClient producer) : IAsyncDisposable
{
    /// <summary>The hub's name.</summary>
    public const string Name = "spans";

    /// <summary>The consumer group of the assembler.</summary>
    public const string AssemblerGroup = "assembler";

    /// <summary>The name of the setting that says where the hub is.</summary>
    public const string Connection = "SpansHub";

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

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync() => producer.DisposeAsync();

    private static HubException Translate(EventHubsException e, string doing) => new(
        $"{e.Reason} while {doing} hub '{Name}': {e.Message}", e.Reason == EventHubsException.FailureReason.ServiceBusy, e);
}
