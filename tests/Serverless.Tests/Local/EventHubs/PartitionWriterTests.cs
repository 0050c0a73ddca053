using Azure.Messaging.EventHubs;
using Serverless.Local;

namespace Serverless.Tests.Local.EventHubs;

public sealed class PartitionWriterTests
{
    [Fact]
    public async Task Batches_that_arrive_during_a_flush_gather_and_those_over_the_bound_are_told_that_the_service_is_busy()
    {
        using var flushing = new SemaphoreSlim(0);
        using var flushed = new SemaphoreSlim(0);
        var groups = new List<int>();
        var options = new EventHubStorageOptions { PendingSendsPerPartition = 3 };
        using var writer = new PartitionWriter("0", "spans", options, group =>
        {
            groups.Add(group.Count);
            flushing.Release();
            flushed.Wait();
        });
        var first = writer.AppendAsync(NewAppend());
        await flushing.WaitAsync(TestContext.Current.CancellationToken);
        var others = Enumerable.Range(0, 3).Select(_ => writer.AppendAsync(NewAppend())).ToArray();

        var failure = Assert.Throws<EventHubsException>(() => { _ = writer.AppendAsync(NewAppend()); });
        Assert.Equal(EventHubsException.FailureReason.ServiceBusy, failure.Reason);
        Assert.True(failure.IsTransient);
        Assert.Contains("partition 0 is being throttled: 3 batches (348 bytes) wait for the disk", failure.Message);
        Assert.False(first.IsCompleted);

        flushed.Release(2);
        await Task.WhenAll([first, .. others]);
        Assert.Equal([1, 3], groups);
    }

    [Fact]
    public async Task A_failed_write_fails_its_sends_only()
    {
        var fail = true;
        using var writer = new PartitionWriter("0", "spans", new EventHubStorageOptions(), _ =>
        {
            if (fail)
                throw new IOException("No space left on device");
        });
        var failure = await Assert.ThrowsAsync<EventHubsException>(() => writer.AppendAsync(NewAppend()));
        Assert.Equal(EventHubsException.FailureReason.ServiceCommunicationProblem, failure.Reason);
        Assert.True(failure.IsTransient);
        Assert.Contains("The events could not be written to the log of partition 0: No space left on device", failure.Message);
        fail = false;
        await writer.AppendAsync(NewAppend());
    }

    [Fact]
    public async Task Closing_writes_what_is_waiting_and_refuses_what_comes_later()
    {
        var written = 0;
        var writer = new PartitionWriter("0", "spans", new EventHubStorageOptions(), group => written += group.Count);
        var sends = Enumerable.Range(0, 20).Select(_ => writer.AppendAsync(NewAppend())).ToArray();
        writer.Dispose();
        await Task.WhenAll(sends);
        Assert.Equal(20, written);
        Assert.Throws<ObjectDisposedException>(() => { _ = writer.AppendAsync(NewAppend()); });
    }

    private static PendingAppend NewAppend() => new(new byte[68], 1, 0);
}
