using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Serverless.Local;
using Reason = Azure.Messaging.EventHubs.EventHubsException.FailureReason;

namespace Serverless.Tests.Local.EventHubs;

public sealed class EventHubProducerClientTests : HubTest
{
    [Fact]
    public async Task Sequence_numbers_begin_at_0_and_rise_by_1_and_the_event_says_all_that_the_service_adds()
    {
        await SendAsync("0", "a", "b");
        Clock.Now += TimeSpan.FromSeconds(5);
        await SendAsync("0", "c");

        var events = await ReadAllAsync(Hub.Partitions[0]);
        Assert.Equal([0L, 1, 2], events.Select(data => data.SequenceNumber));
        Assert.Equal(3, events.Select(data => data.OffsetString).Distinct().Count());
        Assert.Equal(Clock.Now, events[2].EnqueuedTime);
        Assert.Equal(Clock.Now - TimeSpan.FromSeconds(5), events[0].EnqueuedTime);
        Assert.Equal(2L, events[2].SystemProperties["x-opt-sequence-number"]);
        Assert.Equal(events[2].OffsetString, events[2].SystemProperties["x-opt-offset"]);
        Assert.Equal(Clock.Now, events[2].SystemProperties["x-opt-enqueued-time"]);
        Assert.False(events[2].SystemProperties.ContainsKey("x-opt-partition-key"));
    }

    [Fact]
    public void An_unsent_event_has_no_place()
    {
        var data = new EventData("a");
        Assert.Equal(long.MinValue, data.SequenceNumber);
        Assert.Null(data.OffsetString);
        Assert.Empty(data.SystemProperties);
        Assert.Equal(default, data.EnqueuedTime);
    }

    [Fact]
    public async Task The_enqueued_time_does_not_fall_when_the_clock_does()
    {
        await SendAsync("0", "a");
        Clock.Now -= TimeSpan.FromMinutes(1);
        await SendAsync("0", "b");
        var events = await ReadAllAsync(Hub.Partitions[0]);
        Assert.Equal(events[0].EnqueuedTime, events[1].EnqueuedTime);
    }

    [Fact]
    public async Task Nothing_to_send_is_no_operation()
    {
        Platform.Faults.Add(new Fault(FaultOperations.HubSend, FaultKind.Fail));
        using var batch = await Producer.CreateBatchAsync(Cancellation);
        await Producer.SendAsync(batch, Cancellation);
        await Producer.SendAsync([], Cancellation);
        Assert.Equal(0, Hubs.Statistics.Sends);
    }

    [Fact]
    public async Task Events_too_large_for_one_batch_are_refused_whole()
    {
        var events = Enumerable.Range(0, 3).Select(_ => new EventData(new byte[400_000]));
        var failure = await Assert.ThrowsAsync<EventHubsException>(
            () => Producer.SendAsync(events, new SendEventOptions { PartitionId = "0" }, Cancellation));
        Assert.Equal(Reason.MessageSizeExceeded, failure.Reason);
        Assert.False(failure.IsTransient);
        Assert.Contains("exceeds the limit (1048576 bytes)", failure.Message);
        Assert.Equal(-1, Hub.Partitions[0].LastEnqueuedSequenceNumber);
    }

    [Fact]
    public void A_failure_says_what_hub_and_reason()
    {
        var failure = new EventHubsException("spans", "Too much", Reason.ServiceBusy);
        Assert.True(failure.IsTransient);
        Assert.StartsWith("Too much (spans). Reason: ServiceBusy. For troubleshooting information, see https://aka.ms/", failure.Message);
        Assert.StartsWith("Azure.Messaging.EventHubs.EventHubsException(ServiceBusy): Too much (spans)", failure.ToString());
    }

    [Theory]
    [InlineData(Reason.ServiceBusy, true)]
    [InlineData(Reason.ServiceTimeout, true)]
    [InlineData(Reason.ServiceCommunicationProblem, true)]
    [InlineData(Reason.MessageSizeExceeded, false)]
    [InlineData(Reason.QuotaExceeded, false)]
    [InlineData(Reason.ResourceNotFound, false)]
    [InlineData(Reason.GeneralError, false)]
    public void A_reason_says_whether_a_failure_is_transient(Reason reason, bool transient) =>
        Assert.Equal(transient, new EventHubsException("spans", "text", reason).IsTransient);

    [Fact]
    public async Task A_closed_producer_refuses()
    {
        await Producer.CloseAsync(Cancellation);
        Assert.True(Producer.IsClosed);
        var failure = await Assert.ThrowsAsync<EventHubsException>(() => SendAsync("0", "a"));
        Assert.Equal(Reason.ClientClosed, failure.Reason);
        Assert.Contains("has already been closed", failure.Message);
    }

    [Fact]
    public async Task Properties_say_what_is_in_a_partition()
    {
        var empty = await Producer.GetPartitionPropertiesAsync("1", Cancellation);
        Assert.True(empty.IsEmpty);
        Assert.Equal(-1, empty.LastEnqueuedSequenceNumber);

        await SendAsync("1", "a", "b");
        var properties = await Producer.GetPartitionPropertiesAsync("1", Cancellation);
        Assert.False(properties.IsEmpty);
        Assert.Equal((0L, 1L), (properties.BeginningSequenceNumber, properties.LastEnqueuedSequenceNumber));
        Assert.Equal((await ReadAllAsync(Hub.Partitions[1]))[1].OffsetString, properties.LastEnqueuedOffsetString);
        Assert.Equal(Clock.Now, properties.LastEnqueuedTime);
        Assert.Equal("spans", (await Producer.GetEventHubPropertiesAsync(Cancellation)).Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("a.")]
    public void A_hub_name_that_the_service_would_refuse_is_refused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => new EventHubProducerClient("Endpoint=sb://x;" + Platform.ConnectionString, name));

    [Fact]
    public async Task An_eleventh_hub_is_not_found()
    {
        for (var i = 0; i < 10; i++)
            _ = Hubs.Hub($"hub-{i}");
        await using var eleventh = new EventHubProducerClient(Platform.ConnectionString, "hub-10");
        var failure = await Assert.ThrowsAsync<EventHubsException>(() => eleventh.SendAsync([new EventData("a")], Cancellation));
        Assert.Equal(Reason.ResourceNotFound, failure.Reason);
        Assert.Contains("'hub-10' could not be found, and cannot be made: the namespace has 10 event hubs already", failure.Message);
    }

    [Fact]
    public async Task A_hubs_name_is_the_same_in_any_case()
    {
        await using var upper = new EventHubProducerClient(Platform.ConnectionString, "SPANS");
        await upper.SendAsync([new EventData("a")], new SendEventOptions { PartitionId = "0" }, Cancellation);
        Assert.Equal(["a"], await ReadTextsAsync(Hub.Partitions[0]));
    }

    [Fact]
    public void A_connection_string_may_name_the_hub()
    {
        Assert.Equal("spans", new EventHubProducerClient(Platform.ConnectionString + ";EntityPath=spans").EventHubName);
        Assert.Contains("names no event hub", Assert.Throws<ArgumentException>(() => new EventHubProducerClient(Platform.ConnectionString)).Message);
        Assert.Contains(
            "names the event hub 'other', the argument 'spans'",
            Assert.Throws<ArgumentException>(() => new EventHubProducerClient(Platform.ConnectionString + ";EntityPath=other", "spans")).Message);
    }
}
