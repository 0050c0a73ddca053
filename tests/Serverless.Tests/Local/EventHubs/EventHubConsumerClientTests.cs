using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs;

namespace Serverless.Tests.Local.EventHubs;

public sealed class EventHubConsumerClientTests : HubTest
{
    [Fact]
    public async Task Reading_begins_at_the_position()
    {
        await SendAsync("0", "a", "b");
        Clock.Now += TimeSpan.FromMinutes(1);
        await SendAsync("0", "c");
        var offset = (await ReadAllAsync(Hub.Partitions[0]))[1].OffsetString;

        Assert.Equal("abc", await ReadAsync(EventPosition.Earliest));
        Assert.Equal("bc", await ReadAsync(EventPosition.FromSequenceNumber(1)));
        Assert.Equal("c", await ReadAsync(EventPosition.FromSequenceNumber(1, isInclusive: false)));
        Assert.Equal("bc", await ReadAsync(EventPosition.FromOffset(offset)));
        Assert.Equal("c", await ReadAsync(EventPosition.FromOffset(offset, isInclusive: false)));
        Assert.Equal("c", await ReadAsync(EventPosition.FromEnqueuedTime(Clock.Now)));
        Assert.Equal("c", await ReadAsync(EventPosition.FromEnqueuedTime(Clock.Now - TimeSpan.FromSeconds(59))));
        Assert.Equal("abc", await ReadAsync(EventPosition.FromEnqueuedTime(Clock.Now - TimeSpan.FromHours(1))));
        Assert.Equal("", await ReadAsync(EventPosition.FromEnqueuedTime(Clock.Now + TimeSpan.FromSeconds(1))));
        Assert.Equal("", await ReadAsync(EventPosition.Latest));
    }

    [Fact]
    public async Task A_reader_at_the_end_gets_what_comes_later()
    {
        await SendAsync("0", "before");
        await using var consumer = NewConsumer();
        await using var events = consumer.ReadEventsFromPartitionAsync("0", EventPosition.Latest, Cancellation).GetAsyncEnumerator(Cancellation);
        var next = events.MoveNextAsync().AsTask();
        await SendAsync("0", "after");
        Assert.True(await next);
        Assert.Equal("after", events.Current.Data.EventBody.ToString());
        Assert.Equal("0", events.Current.Partition.PartitionId);
        Assert.Equal(EventHubConsumerClient.DefaultConsumerGroupName, events.Current.Partition.ConsumerGroup);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait()
    {
        await using var consumer = NewConsumer();
        using var source = new CancellationTokenSource();
        await using var events = consumer.ReadEventsFromPartitionAsync("0", EventPosition.Earliest, source.Token).GetAsyncEnumerator(source.Token);
        var next = events.MoveNextAsync().AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public void A_foreign_offset_is_refused() =>
        Assert.Contains("The supplied offset 'x1' is invalid", Assert.Throws<ArgumentException>(() => EventPosition.FromOffset("x1")).Message);

    [Fact]
    public async Task A_closed_consumer_refuses()
    {
        var consumer = NewConsumer();
        await consumer.DisposeAsync();
        Assert.True(consumer.IsClosed);
        var failure = await Assert.ThrowsAsync<EventHubsException>(() => consumer.GetPartitionIdsAsync(Cancellation));
        Assert.Equal(EventHubsException.FailureReason.ClientClosed, failure.Reason);
    }

    private EventHubConsumerClient NewConsumer() =>
        new(EventHubConsumerClient.DefaultConsumerGroupName, Platform.ConnectionString, HubName);

    private async Task<string> ReadAsync(EventPosition position)
    {
        await using var consumer = NewConsumer();
        var text = "";
        var options = new ReadEventOptions { MaximumWaitTime = TimeSpan.Zero, CacheEventCount = 2 };
        await foreach (var read in consumer.ReadEventsFromPartitionAsync("0", position, options, Cancellation))
        {
            if (read.Data is null)
                break;
            text += read.Data.EventBody.ToString();
        }

        return text;
    }
}
