using System.Runtime.Serialization;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;

namespace Serverless.Tests.Local.EventHubs;

public sealed class EventDataBatchTests : HubTest
{
    private const int Limit = 1_048_576;

    [Fact]
    public async Task A_batch_may_be_1_MiB_large_and_is_not_empty_to_begin_with()
    {
        using var batch = await Producer.CreateBatchAsync(Cancellation);
        using var keyed = await Producer.CreateBatchAsync(new CreateBatchOptions { PartitionKey = "checkout" }, Cancellation);
        Assert.Equal(Limit, batch.MaximumSizeInBytes);
        Assert.Equal(0, batch.Count);
        Assert.True(batch.SizeInBytes > 0);
        Assert.True(keyed.SizeInBytes > batch.SizeInBytes);
    }

    [Theory]
    [InlineData(0, 5 + 5)]
    [InlineData(100, 5 + 5)]
    [InlineData(250, 5 + 5)] // a message of 255 bytes is small
    [InlineData(251, 5 + 8)] // one of 256 bytes is not
    [InlineData(255, 5 + 8)]
    [InlineData(256, 8 + 8)] // its length takes four bytes
    [InlineData(100_000, 8 + 8)]
    public async Task An_event_adds_its_message_and_5_or_8_bytes(int bodyLength, int overhead)
    {
        using var batch = await Producer.CreateBatchAsync(Cancellation);
        var before = batch.SizeInBytes;
        Assert.True(batch.TryAdd(new EventData(new byte[bodyLength])));
        Assert.Equal(before + bodyLength + overhead, batch.SizeInBytes);
        Assert.Equal(1, batch.Count);
    }

    [Fact]
    public async Task Properties_and_ids_count_for_the_size()
    {
        using var batch = await Producer.CreateBatchAsync(Cancellation);
        var before = batch.SizeInBytes;
        var data = new EventData("x") { MessageId = "id" };
        data.Properties["k"] = 1;
        Assert.True(batch.TryAdd(data));
        // body 3+2+1; properties: 3+3, "id" 2+2; application properties: 3+3, "k" 2+1, small int 2; in a batch +5
        Assert.Equal(before + 6 + 10 + 11 + 5, batch.SizeInBytes);
    }

    [Fact]
    public async Task An_event_that_does_not_fit_is_refused_and_the_batch_stays_as_it_was()
    {
        using var batch = await Producer.CreateBatchAsync(new CreateBatchOptions { MaximumSizeInBytes = 1_000 }, Cancellation);
        Assert.True(batch.TryAdd(new EventData(new byte[500])));
        var size = batch.SizeInBytes;
        Assert.False(batch.TryAdd(new EventData(new byte[500])));
        Assert.Equal(size, batch.SizeInBytes);
        Assert.Equal(1, batch.Count);
        Assert.True(batch.TryAdd(new EventData(new byte[100])));
    }

    [Fact]
    public async Task An_event_that_never_fits_is_refused_by_an_empty_batch()
    {
        using var batch = await Producer.CreateBatchAsync(Cancellation);
        Assert.False(batch.TryAdd(new EventData(new byte[Limit])));
        Assert.Equal(0, batch.Count);
        var largest = (int)(Limit - batch.SizeInBytes - 16);
        Assert.False(batch.TryAdd(new EventData(new byte[largest + 1])));
        Assert.True(batch.TryAdd(new EventData(new byte[largest])));
        Assert.Equal(Limit, batch.SizeInBytes);
        await Producer.SendAsync(batch, Cancellation);
    }

    [Fact]
    public async Task A_limit_under_24_bytes_or_over_the_services_is_out_of_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CreateBatchOptions { MaximumSizeInBytes = 23 });
        Assert.Equal(24, new CreateBatchOptions { MaximumSizeInBytes = 24 }.MaximumSizeInBytes);
        var over = new CreateBatchOptions { MaximumSizeInBytes = Limit + 1 };
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Producer.CreateBatchAsync(over, Cancellation));
    }

    [Fact]
    public async Task An_event_is_copied_when_it_is_added()
    {
        byte[] body = [1, 2, 3];
        var data = new EventData(body);
        data.Properties["k"] = "before";
        using var batch = await Producer.CreateBatchAsync(new CreateBatchOptions { PartitionId = "0" }, Cancellation);
        Assert.True(batch.TryAdd(data));
        body[0] = 9;
        data.Properties["k"] = "after";
        await Producer.SendAsync(batch, Cancellation);

        var read = Assert.Single(await ReadAllAsync(Hub.Partitions[0]));
        Assert.Equal([1, 2, 3], read.Body.ToArray());
        Assert.Equal("before", read.Properties["k"]);
    }

    [Fact]
    public async Task A_property_of_an_unsupported_type_is_refused_and_the_batch_stays_as_it_was()
    {
        using var batch = await Producer.CreateBatchAsync(Cancellation);
        var data = new EventData("x");
        data.Properties["who"] = new object();
        var failure = Assert.Throws<SerializationException>(() => batch.TryAdd(data));
        Assert.Contains("The property 'who' has a value of type 'System.Object', which an event cannot carry.", failure.Message);
        Assert.Equal(0, batch.Count);
    }

    [Fact]
    public async Task Every_supported_property_type_comes_back()
    {
        var time = new DateTime(2026, 3, 1, 1, 2, 3, 4, DateTimeKind.Utc);
        var sent = new Dictionary<string, object>
        {
            ["string"] = "ä", ["bool"] = true, ["byte"] = (byte)1, ["sbyte"] = (sbyte)-1, ["short"] = (short)-2, ["ushort"] = (ushort)2,
            ["int"] = -3, ["uint"] = 3u, ["long"] = long.MinValue, ["ulong"] = ulong.MaxValue, ["float"] = 1.5f, ["double"] = 2.5d,
            ["decimal"] = 3.50m, ["char"] = 'ß', ["guid"] = Guid.NewGuid(), ["date"] = time,
            ["offset"] = new DateTimeOffset(time), ["span"] = TimeSpan.FromTicks(7), ["uri"] = new Uri("https://example.org/a?b"),
            ["bytes"] = new byte[] { 1, 2 },
        };
        var data = new EventData("body") { MessageId = "m", CorrelationId = "c", ContentType = "text/plain" };
        foreach (var (name, value) in sent)
            data.Properties[name] = value;
        data.Properties["stream"] = new MemoryStream([3, 4]);
        data.Properties["null"] = null;
        await Producer.SendAsync([data], new SendEventOptions { PartitionId = "0" }, Cancellation);

        var read = Assert.Single(await ReadAllAsync(Hub.Partitions[0]));
        Assert.Equal(("m", "c", "text/plain"), (read.MessageId, read.CorrelationId, read.ContentType));
        foreach (var (name, value) in sent)
        {
            Assert.Equal(value, read.Properties[name]);
            Assert.Equal(value.GetType(), read.Properties[name].GetType());
        }

        Assert.Equal(new byte[] { 3, 4 }, read.Properties["stream"]);
        Assert.Null(read.Properties["null"]);
        Assert.Equal(sent.Count + 2, read.Properties.Count);
    }

    [Fact]
    public async Task A_batch_that_is_being_sent_can_be_neither_changed_nor_disposed()
    {
        var batch = await Producer.CreateBatchAsync(Cancellation);
        batch.TryAdd(new EventData("a"));
        batch.BeginSend();
        var adding = Assert.Throws<InvalidOperationException>(() => batch.TryAdd(new EventData("b")));
        Assert.Contains("The event batch is being sent", adding.Message);
        Assert.Throws<InvalidOperationException>(batch.Dispose);
        batch.EndSend();
        Assert.True(batch.TryAdd(new EventData("b")));
        batch.Dispose();
    }

    [Fact]
    public async Task A_disposed_batch_can_be_neither_changed_nor_sent()
    {
        var batch = await Producer.CreateBatchAsync(Cancellation);
        batch.TryAdd(new EventData("a"));
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.TryAdd(new EventData("b")));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Producer.SendAsync(batch, Cancellation));
    }

    [Fact]
    public async Task A_batch_can_be_sent_again_and_grow_in_between()
    {
        using var batch = await Producer.CreateBatchAsync(new CreateBatchOptions { PartitionId = "0" }, Cancellation);
        batch.TryAdd(new EventData("a"));
        await Producer.SendAsync(batch, Cancellation);
        batch.TryAdd(new EventData("b"));
        await Producer.SendAsync(batch, Cancellation);
        Assert.Equal(["a", "a", "b"], await ReadTextsAsync(Hub.Partitions[0]));
    }
}
