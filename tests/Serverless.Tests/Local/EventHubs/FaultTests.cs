using System.Diagnostics;
using Azure.Messaging.EventHubs;
using Serverless.Local;
using Reason = Azure.Messaging.EventHubs.EventHubsException.FailureReason;

namespace Serverless.Tests.Local.EventHubs;

public sealed class FaultTests : HubTest
{
    [Theory]
    [InlineData(FaultKind.Fail, Reason.ServiceCommunicationProblem, 0)]
    [InlineData(FaultKind.Throttle, Reason.ServiceBusy, 0)]
    [InlineData(FaultKind.LoseAnswer, Reason.ServiceTimeout, 1)]
    public async Task A_struck_send_fails_once_and_only_a_lost_answer_leaves_events(FaultKind kind, Reason reason, int events)
    {
        Platform.Faults.Add(new Fault(FaultOperations.HubSend, kind, Count: 1));
        var failure = await Assert.ThrowsAsync<EventHubsException>(() => SendAsync("0", "struck"));
        Assert.Equal(reason, failure.Reason);
        Assert.True(failure.IsTransient);
        Assert.Equal(events, (await ReadAllAsync(Hub.Partitions[0])).Count);

        await SendAsync("0", "after");
        Assert.Equal(events + 1, (await ReadAllAsync(Hub.Partitions[0])).Count);
    }

    [Fact]
    public async Task A_delayed_send_arrives_later()
    {
        Platform.Faults.Add(new Fault(FaultOperations.HubSend, FaultKind.Delay, Count: 1, Delay: TimeSpan.FromMilliseconds(30)));
        var watch = Stopwatch.StartNew();
        await SendAsync("0", "late");
        Assert.True(watch.ElapsedMilliseconds >= 25);
        Assert.Equal(["late"], await ReadTextsAsync(Hub.Partitions[0]));
    }

    [Theory]
    [InlineData(FaultKind.Fail, Reason.ServiceCommunicationProblem)]
    [InlineData(FaultKind.Throttle, Reason.ServiceBusy)]
    [InlineData(FaultKind.LoseAnswer, Reason.ServiceTimeout)]
    public async Task A_struck_read_loses_nothing(FaultKind kind, Reason reason)
    {
        await SendAsync("0", "a", "b");
        using var reader = Hub.Partitions[0].OpenReader(0);
        Assert.Equal("a", Assert.Single(await reader.ReadAsync(1, Cancellation)).EventBody.ToString());
        Platform.Faults.Add(new Fault(FaultOperations.HubReceive, kind, Count: 1));
        Assert.Equal(reason, (await Assert.ThrowsAsync<EventHubsException>(async () => await reader.ReadAsync(1, Cancellation))).Reason);
        Assert.Equal("b", Assert.Single(await reader.ReadAsync(1, Cancellation)).EventBody.ToString());
    }

    [Fact]
    public async Task A_struck_checkpoint_is_not_set_unless_only_its_answer_is_lost()
    {
        Platform.Faults.Add(new Fault(FaultOperations.HubCheckpoint, FaultKind.Fail, Count: 1));
        await Assert.ThrowsAsync<EventHubsException>(async () => await Hubs.Checkpoints.SetAsync(HubName, "g", "0", 5, Cancellation));
        Assert.Null(Hubs.Checkpoints.Get(HubName, "g", "0"));
        Platform.Faults.Add(new Fault(FaultOperations.HubCheckpoint, FaultKind.LoseAnswer, Count: 1));
        var failure = await Assert.ThrowsAsync<EventHubsException>(async () => await Hubs.Checkpoints.SetAsync(HubName, "g", "0", 6, Cancellation));
        Assert.Equal(Reason.ServiceTimeout, failure.Reason);
        Assert.Equal(6, Hubs.Checkpoints.Get(HubName, "g", "0"));
    }

    [Fact]
    public async Task Struck_properties_fail()
    {
        Platform.Faults.Add(new Fault(FaultOperations.HubProperties, FaultKind.Throttle, Count: 1));
        Assert.Equal(Reason.ServiceBusy, (await Assert.ThrowsAsync<EventHubsException>(() => Producer.GetPartitionIdsAsync(Cancellation))).Reason);
    }
}
