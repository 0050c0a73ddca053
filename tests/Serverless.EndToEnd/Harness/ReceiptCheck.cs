using System.Globalization;
using Azure.Data.Tables;
using Serverless.Functions.Storage;
using Serverless.Local;

namespace Serverless.EndToEnd.Harness;

/// <summary>
/// Reads the receipts of a stopped system's folder: together they must cover every event of each partition of the hub from its first
/// one on. An overlap is a replay, which is allowed; a hole is an event that nobody assembled.
/// </summary>
internal static class ReceiptCheck
{
    // A receipt's key is its batch: partition, first sequence number, and how many follow (BatchId).
    private const int FirstAt = 2;
    private const int FirstDigits = 12;

    /// <summary>Fails where there is a hole, and returns how many receipts there are.</summary>
    public static async Task<int> AssertNoHolesAsync(string folder)
    {
        await using var platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = folder });
        var tables = new TableServiceClient(platform.ConnectionString);
        var token = TestContext.Current.CancellationToken;
        var batches = new List<(string Partition, long First, long Last)>();
        await foreach (var table in tables.QueryAsync((string?)null, cancellationToken: token))
        {
            if (!table.Name.StartsWith(DayTables.Receipts, StringComparison.Ordinal))
                continue;
            await foreach (var row in tables.GetTableClient(table.Name).QueryAsync<TableEntity>((string?)null, cancellationToken: token))
            {
                // Beside each receipt lies what the ledger is told of its batch.
                if (!row.RowKey.StartsWith('~'))
                    batches.Add(Batch(row));
            }
        }

        foreach (var partition in batches.GroupBy(batch => batch.Partition))
        {
            var next = 0L;
            foreach (var batch in partition.OrderBy(batch => batch.First))
            {
                Assert.True(batch.First <= next, $"Partition {partition.Key}: no receipt for events {next} to {batch.First - 1}.");
                next = Math.Max(next, batch.Last + 1);
            }
        }

        return batches.Count;
    }

    private static (string Partition, long First, long Last) Batch(TableEntity row)
    {
        var key = row.RowKey;
        var first = long.Parse(key.AsSpan(FirstAt, FirstDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var more = long.Parse(key.AsSpan(FirstAt + FirstDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (row.PartitionKey, first, first + more);
    }
}
