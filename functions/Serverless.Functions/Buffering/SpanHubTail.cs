using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;
using Serverless.Functions.Assembling;

namespace Serverless.Functions.Buffering;

/// <summary>Looks at events of the hub <c>spans</c> that wait to be assembled, without taking them.</summary>
public sealed class SpanHubTail(EventHubConsumerClient consumer) : IAsyncDisposable
{
    // What there is comes at once.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>The events of a partition from one place to another, at most so many of them.</summary>
    /// <param name="partitionId">The partition.</param>
    /// <param name="first">The first sequence number.</param>
    /// <param name="last">The last one.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="HubException">The hub cannot be read.</exception>
    public async Task<IReadOnlyList<BufferedEvent>> ReadAsync(string partitionId, long first, long last, int most, CancellationToken cancellation)
    {
        var events = new List<BufferedEvent>();
        try
        {
            await foreach (var read in consumer.ReadEventsFromPartitionAsync(
                partitionId, EventPosition.FromSequenceNumber(first, isInclusive: true), new ReadEventOptions { MaximumWaitTime = LongestWait }, cancellation))
            {
                if (read.Data is not { } data || data.SequenceNumber > last)
                    break;
                events.Add(new BufferedEvent(data.SequenceNumber, data.EventBody.ToMemory(), data.EnqueuedTime));
                if (data.SequenceNumber == last || events.Count == most)
                    break;
            }
        }
        catch (EventHubsException e)
        {
            throw new HubException($"{e.Reason} while reading partition {partitionId} of hub '{SpanHub.Name}': {e.Message}", e.Reason == EventHubsException.FailureReason.ServiceBusy, e);
        }

        return events;
    }

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync() => consumer.DisposeAsync();
}
