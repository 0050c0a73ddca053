using System.Security.Cryptography;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Serverless.Local;

namespace Serverless.Tests.Local.EventHubs;

public sealed class PartitionLogTests : HubTest
{
    // Small, so that a few kilobytes go through every path: several segments, chunks that end inside a record, a short tail.
    private protected override EventHubStorageOptions Storage => new()
    {
        SegmentBytes = 4_000, RetentionBytesPerPartition = 1 << 20, TailBytesPerPartition = 1_500, ReadChunkBytes = 700, ReadBytes = 5_000,
    };

    [Fact]
    public async Task What_was_sent_is_read_back_across_segments_chunks_memory_and_a_restart()
    {
        var random = new Random(7);
        var sent = new List<byte[]>();
        for (var batch = 0; batch < 60; batch++)
        {
            var bodies = Enumerable.Range(0, random.Next(1, 6)).Select(_ => RandomNumberGenerator.GetBytes(random.Next(0, 900))).ToArray();
            sent.AddRange(bodies);
            await Producer.SendAsync(bodies.Select(body => new EventData(body)), new SendEventOptions { PartitionId = "2" }, Cancellation);
        }

        Assert.True(Directory.GetFiles(Path.GetDirectoryName(SegmentPath("2"))!).Length > 5);
        for (var pass = 0; pass < 2; pass++)
        {
            for (var from = 0; from < sent.Count; from += 13)
            {
                var read = await ReadAllAsync(Hub.Partitions[2], from);
                Assert.Equal(Enumerable.Range(from, sent.Count - from).Select(i => (long)i), read.Select(data => data.SequenceNumber));
                Assert.Equal(sent[from..], read.Select(data => data.Body.ToArray()));
            }

            await ReopenAsync();
        }

        await SendAsync("2", "next");
        Assert.Equal(sent.Count, (await ReadAllAsync(Hub.Partitions[2], sent.Count))[0].SequenceNumber);
    }

    [Fact]
    public async Task A_read_gives_no_more_than_asked_for_nor_than_its_byte_bound()
    {
        for (var i = 0; i < 4; i++)
            await Producer.SendAsync([new EventData(new byte[2_000])], new SendEventOptions { PartitionId = "0" }, Cancellation);
        using var reader = Hub.Partitions[0].OpenReader(0);
        Assert.Single(await reader.ReadAsync(1, Cancellation));
        Assert.Equal(2, (await reader.ReadAsync(100, Cancellation)).Count);
        Assert.Single(await reader.ReadAsync(100, Cancellation));

        await Producer.SendAsync([new EventData(new byte[9_000])], new SendEventOptions { PartitionId = "0" }, Cancellation);
        Assert.Equal(9_000, Assert.Single(await reader.ReadAsync(100, Cancellation)).Body.Length);
    }

    [Fact]
    public async Task A_record_torn_at_any_byte_is_cut_off_and_never_served()
    {
        await SendAsync("0", "first", "second");
        await SendAsync("0", "torn-1", "torn-2");
        await Platform.DisposeAsync();
        var whole = await File.ReadAllBytesAsync(SegmentPath("0"), Cancellation);
        var records = whole.AsSpan().LastIndexOf(LogRecordHeader.Magic);
        for (var length = records; length <= whole.Length; length++)
        {
            foreach (var filling in new[] { 0, 17 })
            {
                var image = NewImage(whole[..length], filling);
                await using (var platform = OpenPlatform(image))
                {
                    var partition = EventHubNamespace.Of(platform).Hub(HubName).Partitions[0];
                    string[] expected = length == whole.Length ? ["first", "second", "torn-1", "torn-2"] : ["first", "second"];
                    var read = await ReadTextsAsync(partition);
                    Assert.Equal(expected, read);
                    await using var producer = new EventHubProducerClient(platform.ConnectionString, HubName);
                    await producer.SendAsync([new EventData("new")], new SendEventOptions { PartitionId = "0" }, Cancellation);
                    read = await ReadTextsAsync(partition);
                    Assert.Equal([.. expected, "new"], read);
                }

                await using var again = OpenPlatform(image);
                Assert.Equal("new", (await ReadTextsAsync(EventHubNamespace.Of(again).Hub(HubName).Partitions[0]))[^1]);
                await again.DisposeAsync();
                Directory.Delete(image, recursive: true);
            }
        }

        string NewImage(byte[] content, int filling)
        {
            var image = Path.Combine(Folder, "images", Guid.NewGuid().ToString("N"));
            CopyFolder(Path.Combine(Folder, "hubs"), Path.Combine(image, "hubs"));
            File.WriteAllBytes(Path.Combine(image, "hubs", HubName, "0", LogSegment.FileName(0)), [.. content, .. Enumerable.Repeat((byte)0xA5, filling)]);
            return image;
        }
    }

    [Fact]
    public async Task A_flipped_byte_in_the_last_record_cuts_it_and_one_before_it_is_damage()
    {
        await SendAsync("0", "first");
        await SendAsync("0", "second");
        await Platform.DisposeAsync();
        var path = SegmentPath("0");
        var whole = await File.ReadAllBytesAsync(path, Cancellation);
        var second = whole.AsSpan().LastIndexOf(LogRecordHeader.Magic);
        for (var at = 0; at < whole.Length; at++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[at] ^= 0x10;
            await File.WriteAllBytesAsync(path, flipped, Cancellation);
            await using var platform = OpenPlatform(Folder);
            if (at >= second)
            {
                var read = await ReadTextsAsync(EventHubNamespace.Of(platform).Hub(HubName).Partitions[0]);
                Assert.Equal(["first"], read);
                continue;
            }

            var failure = await Assert.ThrowsAsync<LocalPlatformException>(
                () => ReadTextsAsync(EventHubNamespace.Of(platform).Hub(HubName).Partitions[0]));
            Assert.StartsWith($"The event hub log '{path}' is damaged at offset 0:", failure.Message);
        }
    }

    [Fact]
    public async Task Damage_in_an_older_segment_is_an_error_that_names_file_and_offset()
    {
        for (var i = 0; i < 6; i++)
            await Producer.SendAsync([new EventData(new byte[2_500])], new SendEventOptions { PartitionId = "0" }, Cancellation);
        var path = SegmentPath("0");
        var offset = 0L;
        await ReopenAsync(() =>
        {
            var content = File.ReadAllBytes(path);
            offset = content.AsSpan().LastIndexOf(LogRecordHeader.Magic);
            content[offset + 1_000] ^= 1;
            File.WriteAllBytes(path, content);
        });
        var failure = await Assert.ThrowsAsync<LocalPlatformException>(() => ReadAllAsync(Hub.Partitions[0]));
        Assert.Contains($"'{path}' is damaged at offset {offset}: what stands there is not the batch of events that was written.", failure.Message);
    }

    [Fact]
    public async Task A_copy_of_the_folder_taken_while_sending_has_every_event_that_was_acknowledged_before()
    {
        var acknowledged = new int[4];
        using var stop = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 4).Select(partition => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await SendAsync($"{partition}", $"{i}", new string('x', 150));
                Volatile.Write(ref acknowledged[partition], i + 1);
            }
        })).ToArray();
        try
        {
            for (var copy = 0; copy < 10; copy++)
            {
                var goal = 25 * (copy + 1);
                while (acknowledged.Min() < goal && senders.All(sender => !sender.IsFaulted))
                    await Task.Delay(1, Cancellation);
                var before = acknowledged.ToArray();
                var image = NewFolder();
                CopyFolder(Path.Combine(Folder, "hubs"), Path.Combine(image, "hubs"));
                await using var platform = OpenPlatform(image);
                for (var partition = 0; partition < 4; partition++)
                {
                    var texts = await ReadTextsAsync(EventHubNamespace.Of(platform).Hub(HubName).Partitions[partition]);
                    var numbers = texts.Where(text => text[0] != 'x').ToArray();
                    Assert.True(numbers.Length >= before[partition]);
                    Assert.Equal(2 * numbers.Length, texts.Length);
                    Assert.Equal(Enumerable.Range(0, numbers.Length).Select(i => $"{i}"), numbers);
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(senders);
        }
    }

    [Fact]
    public async Task Fifty_concurrent_senders_share_flushes_and_lose_nothing()
    {
        const int senders = 50;
        const int sends = 40;
        await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < sends; i++)
                await SendAsync("1", $"{sender}:{i}:a", $"{sender}:{i}:b");
        })));

        var events = await ReadAllAsync(Hub.Partitions[1]);
        Assert.Equal(Enumerable.Range(0, 2 * senders * sends).Select(i => (long)i), events.Select(data => data.SequenceNumber));
        var texts = events.Select(data => data.EventBody.ToString()).ToList();
        for (var i = 0; i < texts.Count; i += 2)
            Assert.Equal(texts[i][..^1] + "b", texts[i + 1]);
        foreach (var group in texts.GroupBy(text => text.Split(':')[0]))
            Assert.Equal(Enumerable.Range(0, sends).SelectMany(i => new[] { $"{group.Key}:{i}:a", $"{group.Key}:{i}:b" }), group);

        var statistics = Hubs.Statistics;
        Assert.Equal((senders * sends, 2 * senders * sends), (statistics.Sends, statistics.Events));
        Assert.True(statistics.Flushes < statistics.Sends, $"{statistics.Flushes} flushes for {statistics.Sends} sends");
    }

    [Fact]
    public async Task Readers_that_wait_while_others_send_get_every_event_once_in_order()
    {
        const int sends = 400;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            using var reader = Hub.Partitions[0].OpenReader(0);
            long next = 0;
            while (next < sends)
            {
                foreach (var data in await reader.ReadAsync(7, Cancellation))
                    Assert.Equal((next++, $"{data.SequenceNumber}"), (data.SequenceNumber, data.EventBody.ToString()));
            }
        })).ToArray();
        for (var i = 0; i < sends; i++)
            await SendAsync("0", $"{i}");
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Closing_the_platform_ends_a_waiting_read()
    {
        using var reader = Hub.Partitions[0].OpenReader(0);
        var read = reader.ReadAsync(1, Cancellation).AsTask();
        await Platform.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(from))
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
