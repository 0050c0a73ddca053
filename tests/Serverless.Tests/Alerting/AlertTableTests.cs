using Azure.Data.Tables;
using Serverless.Functions.Alerting.Store;
using Serverless.Functions.Storage;
using Serverless.Local;

namespace Serverless.Tests.Alerting;

public sealed class AlertTableTests
{
    [Fact]
    public async Task Rows_change_together_under_their_conditions()
    {
        var folder = Directory.CreateTempSubdirectory("alerts-").FullName;
        try
        {
            await using var platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = folder });
            var table = new AlertTable(new TableStorage(new TableServiceClient(platform.ConnectionString)));
            Assert.Empty(await ReadAsync(table));
            Assert.True(await table.TryWriteAsync([AlertRowWrite.Add("a", [1]), AlertRowWrite.Add("b", [2])], CancellationToken.None));
            Assert.False(await table.TryWriteAsync([AlertRowWrite.Add("c", [3]), AlertRowWrite.Add("b", [4])], CancellationToken.None));
            var rows = await ReadAsync(table);
            Assert.Equal([("a", 1), ("b", 2)], rows.Select(row => (row.Key, (int)row.Data[0])));
            Assert.True(await table.TryWriteAsync([AlertRowWrite.Replace(rows[0], [5]), AlertRowWrite.Delete(rows[1])], CancellationToken.None));
            Assert.False(await table.TryWriteAsync([AlertRowWrite.Replace(rows[0], [6])], CancellationToken.None));
            Assert.False(await table.TryWriteAsync([AlertRowWrite.Delete(rows[1])], CancellationToken.None));
            Assert.Equal([("a", 5)], (await ReadAsync(table)).Select(row => (row.Key, (int)row.Data[0])));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<AlertRow>> ReadAsync(AlertTable table)
    {
        var rows = new List<AlertRow>();
        await foreach (var row in table.ReadAsync("a", "z", CancellationToken.None))
            rows.Add(row);
        return rows;
    }
}
