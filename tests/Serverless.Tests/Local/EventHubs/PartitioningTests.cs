using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Serverless.Local;

namespace Serverless.Tests.Local.EventHubs;

public sealed class PartitioningTests : HubTest
{
    [Theory]
    [InlineData("7", -15263)]
    [InlineData("131", 30562)]
    [InlineData("7149583486996073602", 12977)]
    [InlineData("FWfAT", -22341)]
    [InlineData("sOdeEAsyQoEuEFPGerWO", -6503)]
    [InlineData("!c*_!I@1^c", 15372)]
    [InlineData("p4*!jioeO/z-!-;w:dh", -3104)]
    [InlineData("$0cb", 26269)]
    [InlineData("-4189260826195535198", 453)]
    [InlineData("checkout", 16543)]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736", -17161)]
    [InlineData("", 0)]
    [InlineData(null, 0)]
    public void A_partition_key_hashes_as_in_the_service(string? key, int expected) =>
        Assert.Equal(expected, PartitionHash.Compute(key));

    [Theory]
    [InlineData("7", 4, 3)]
    [InlineData("7", 32, 31)]
    [InlineData("checkout", 2, 1)]
    [InlineData("checkout", 4, 3)]
    [InlineData("checkout", 8, 7)]
    [InlineData("checkout", 32, 31)]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736", 2, 1)]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736", 4, 1)]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736", 8, 1)]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736", 32, 9)]
    public void A_partition_key_leads_to_the_services_partition(string key, int partitions, int expected) =>
        Assert.Equal(expected, PartitionHash.Index(key, partitions));

    [Fact]
    public async Task Events_with_a_key_go_to_its_partition_and_carry_it()
    {
        await Producer.SendAsync([new EventData("a"), new EventData("b")], new SendEventOptions { PartitionKey = "checkout" }, Cancellation);

        var events = await ReadAllAsync(Hub.Partitions[3]);
        Assert.Equal(["a", "b"], events.Select(data => data.EventBody.ToString()));
        Assert.All(events, data => Assert.Equal("checkout", data.PartitionKey));
        Assert.All(events, data => Assert.Equal("checkout", data.SystemProperties["x-opt-partition-key"]));
    }

    [Fact]
    public async Task Batches_without_a_target_go_to_the_partitions_in_turn_each_batch_to_one()
    {
        for (var i = 0; i < 8; i++)
            await Producer.SendAsync([new EventData($"{i}a"), new EventData($"{i}b")], Cancellation);

        foreach (var partition in Hub.Partitions)
        {
            var texts = await ReadTextsAsync(partition);
            Assert.Equal(4, texts.Length);
            Assert.Equal(texts[0][0], texts[1][0]);
            Assert.Equal(texts[2][0], texts[3][0]);
        }
    }

    [Fact]
    public async Task An_unknown_partition_id_is_out_of_range()
    {
        var sending = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => SendAsync("4", "a"));
        Assert.Contains("The specified partition is invalid for the event hub 'spans'. It should be between 0 and 3.", sending.Message);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Producer.GetPartitionPropertiesAsync("nine", Cancellation));
    }

    [Fact]
    public async Task An_id_and_a_key_together_are_refused()
    {
        var both = new CreateBatchOptions { PartitionId = "1", PartitionKey = "k" };
        const string text = "An event cannot be sent using both a partition key and a partition identifier. This operation specified partition key 'k' and partition id '1'.";
        Assert.Equal(text, (await Assert.ThrowsAsync<InvalidOperationException>(() => Producer.SendAsync([new EventData("a")], both, Cancellation))).Message);
        Assert.Equal(text, (await Assert.ThrowsAsync<InvalidOperationException>(async () => await Producer.CreateBatchAsync(both, Cancellation))).Message);
    }

    [Fact]
    public async Task The_partition_count_is_the_platforms_when_the_hub_is_made_and_the_disks_afterwards()
    {
        Assert.Equal(["0", "1", "2", "3"], await Producer.GetPartitionIdsAsync(Cancellation));
        await ReopenAsync(partitionCount: 9);
        Assert.Equal(["0", "1", "2", "3"], await Producer.GetPartitionIdsAsync(Cancellation));
        await using var other = new EventHubProducerClient(Platform.ConnectionString, "other");
        Assert.Equal(9, (await other.GetPartitionIdsAsync(Cancellation)).Length);
    }
}
