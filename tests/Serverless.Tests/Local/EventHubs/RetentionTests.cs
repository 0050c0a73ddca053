using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Serverless.Local;

namespace Serverless.Tests.Local.EventHubs;

public sealed class RetentionTests : HubTest
{
    private protected override EventHubStorageOptions Storage => new()
    {
        SegmentBytes = 1_000, RetentionBytesPerPartition = 5_000, RetentionAge = TimeSpan.FromHours(1), TailBytesPerPartition = 0, ReadChunkBytes = 300,
    };

    private EventHubPartition Partition => Hub.Partitions[0];

    [Fact]
    public async Task A_partition_over_its_size_drops_its_oldest_segments_and_reading_goes_on_at_the_oldest_kept()
    {
        using var early = Partition.OpenReader(0);
        await FillAsync(1);
        Assert.Equal(0, Assert.Single(await early.ReadAsync(1, Cancellation)).SequenceNumber);
        await FillAsync(30);

        var beginning = Partition.BeginningSequenceNumber;
        Assert.InRange(beginning, 20, 29);
        Assert.InRange(Bytes(), 3_000, 6_500);
        Assert.Equal(beginning, (await early.ReadAsync(1, Cancellation))[0].SequenceNumber);
        Assert.Equal(beginning, (await ReadAllAsync(Partition))[0].SequenceNumber);
        Assert.Equal(beginning, (await Producer.GetPartitionPropertiesAsync("0", Cancellation)).BeginningSequenceNumber);

        await ReopenAsync();
        Assert.Equal((beginning, 30), (Partition.BeginningSequenceNumber, Partition.LastEnqueuedSequenceNumber));
        Assert.Equal(31 - beginning, (await ReadAllAsync(Partition)).Count);
    }

    [Fact]
    public async Task Segments_whose_newest_event_is_too_old_are_dropped()
    {
        await FillAsync(4);
        Clock.Now += TimeSpan.FromMinutes(40);
        await FillAsync(1);
        Clock.Now += TimeSpan.FromMinutes(40);
        Hubs.ApplyRetention();
        var kept = await ReadAllAsync(Partition);
        Assert.Equal(4, kept[^1].SequenceNumber);
        Assert.InRange(kept[0].SequenceNumber, 2, 4);
    }

    [Fact]
    public async Task When_all_is_too_old_the_partition_is_empty_and_its_numbers_go_on()
    {
        await FillAsync(3);
        using var waiting = Partition.OpenReader(0);
        Clock.Now += TimeSpan.FromHours(2);
        Hubs.ApplyRetention();
        Assert.Equal((3L, 2L), (Partition.BeginningSequenceNumber, Partition.LastEnqueuedSequenceNumber));
        Assert.True((await Producer.GetPartitionPropertiesAsync("0", Cancellation)).IsEmpty);

        await ReopenAsync();
        Assert.Equal((3L, 2L), (Partition.BeginningSequenceNumber, Partition.LastEnqueuedSequenceNumber));
        using var reader = Partition.OpenReader(0);
        await FillAsync(1);
        Assert.Equal(3, Assert.Single(await reader.ReadAsync(10, Cancellation)).SequenceNumber);
    }

    [Fact]
    public async Task Readers_outrun_by_retention_go_on_without_an_error()
    {
        const int sends = 600;
        var reading = Task.Run(async () =>
        {
            using var reader = Partition.OpenReader(0);
            for (long last = -1; last < sends - 1;)
            {
                foreach (var data in await reader.ReadAsync(2, Cancellation))
                {
                    Assert.True(data.SequenceNumber > last);
                    last = data.SequenceNumber;
                }

                await Task.Yield();
            }
        }, Cancellation);
        await FillAsync(sends);
        await reading;
    }

    private async Task FillAsync(int events)
    {
        for (var i = 0; i < events; i++)
            await Producer.SendAsync([new EventData(new byte[450])], new SendEventOptions { PartitionId = "0" }, Cancellation);
    }

    private long Bytes() => Directory.GetFiles(Path.GetDirectoryName(SegmentPath("0"))!).Sum(path => new FileInfo(path).Length);
}
