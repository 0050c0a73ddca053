using System.Text;
using Azure.Data.Tables;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Serverless.EndToEnd.Harness;
using Serverless.Local;

namespace Serverless.EndToEnd;

public sealed class QuarantineTests
{
    private const int Seed = 31;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_that_cannot_be_decoded_are_kept_with_their_reason_and_hold_up_nothing()
    {
        using var folder = new TestFolder();
        var load = new SpanLoad(new SpanSource(Seed, DateTimeOffset.UtcNow.AddMinutes(-5)), connections: 2);
        var damaged = Encoding.UTF8.GetBytes("no event of spans, whatever it is");
        var partitions = await SendToEachPartitionAsync(folder.Path, damaged);
        await using (var system = await SystemProcess.StartAsync(folder.Path))
        {
            await load.RunAsync(system.Address, most: 40, Token);
            await new SpanCheck(load, system.Address).AssertAsync(", a damaged event in front of each partition");
            Assert.Equal(0, await system.StopAsync());
        }

        await using var platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = folder.Path });
        var tables = new TableServiceClient(platform.ConnectionString);
        var rows = new List<TableEntity>();
        await foreach (var table in tables.QueryAsync((string?)null, cancellationToken: Token))
        {
            if (!table.Name.StartsWith("quarantine", StringComparison.Ordinal))
                continue;
            await foreach (var row in tables.GetTableClient(table.Name).QueryAsync<TableEntity>((string?)null, cancellationToken: Token))
                rows.Add(row);
        }

        Assert.Equal(partitions, rows.Select(row => row.PartitionKey).Distinct().Count());
        foreach (var partition in rows.GroupBy(row => row.PartitionKey))
        {
            Assert.Equal(["0000000000000000-00", "0000000000000000-01"], partition.Select(row => row.RowKey));
            Assert.NotEqual("", Encoding.UTF8.GetString(partition.First().GetBinary("d")!));
            Assert.Equal(damaged, partition.Last().GetBinary("d"));
        }
    }

    private static async Task<int> SendToEachPartitionAsync(string folder, byte[] body)
    {
        await using var platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = folder });
        await using var producer = new EventHubProducerClient(platform.ConnectionString, "spans");
        var partitions = await producer.GetPartitionIdsAsync(Token);
        foreach (var partition in partitions)
        {
            using var batch = await producer.CreateBatchAsync(new CreateBatchOptions { PartitionId = partition }, Token);
            Assert.True(batch.TryAdd(new EventData(body)));
            await producer.SendAsync(batch, Token);
        }

        return partitions.Length;
    }
}
