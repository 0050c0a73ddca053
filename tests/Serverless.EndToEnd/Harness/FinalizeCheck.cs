using System.Globalization;
using Azure.Data.Tables;
using Serverless.Functions;
using Serverless.Functions.Aggregates;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Local;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Assembly;

namespace Serverless.EndToEnd.Harness;

/// <summary>Reads what the finalizer left in a stopped system's folder.</summary>
internal static class FinalizeCheck
{
    private const int TraceDigits = 16;

    /// <summary>True when all that was assembled is finalized.</summary>
    public static async Task<bool> IsSettledAsync(string folder)
    {
        await using var platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = folder });
        var service = new TableServiceClient(platform.ConnectionString);
        var last = new Dictionary<string, string>();
        await foreach (var row in RowsAsync(service, DayTables.Receipts))
        {
            // Rows of other kinds lie beside receipts.
            if (row.RowKey.StartsWith(row.PartitionKey, StringComparison.Ordinal) && string.CompareOrdinal(row.RowKey, last.GetValueOrDefault(row.PartitionKey)) > 0)
                last[row.PartitionKey] = row.RowKey;
        }

        var settled = (await new FinalizeState(new TableStorage(service)).SettledAsync(TestContext.Current.CancellationToken))
            .ToDictionary(position => position.Key.PadLeft(2, '0'), position => position.Value.RowKey);
        return last.All(receipt => settled.GetValueOrDefault(receipt.Key) == receipt.Value);
    }

    /// <summary>Fails where the stored aggregates are not those of the stored traces.</summary>
    /// <returns>How many spans they count.</returns>
    public static async Task<long> AssertAggregatesAsync(string folder)
    {
        await using var platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = folder });
        var service = new TableServiceClient(platform.ConnectionString);
        var storage = new TableStorage(service);
        var reader = new TraceReader(storage, new DayTables(storage, TimeProvider.System), new TraceArchive(storage), new TracingSettings());
        var expected = new Sums();
        var lows = new HashSet<ulong>();
        await foreach (var row in RowsAsync(service, DayTables.Spans))
        {
            var low = ulong.Parse(row.RowKey.AsSpan(0, TraceDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (!lows.Add(low))
                continue;
            var trace = new TraceAggregates();
            trace.Add(AssembledTrace.Assemble((await reader.ReadStoredAsync(low, TestContext.Current.CancellationToken)).Reports), 1);
            expected.Add(trace);
        }

        var stored = new Sums();
        await foreach (var table in service.QueryAsync((string?)null, cancellationToken: TestContext.Current.CancellationToken))
        {
            if (!table.Name.StartsWith(DayTables.Aggregates, StringComparison.Ordinal))
                continue;
            foreach (var partition in Enumerable.Range(0, 32).Select(number => number.ToString("00", CultureInfo.InvariantCulture)))
            {
                var hour = new HourRows();
                await foreach (var row in storage.ReadAsync(table.Name, partition, "", null, 100, TestContext.Current.CancellationToken))
                {
                    if (row.RowKey.StartsWith("item|", StringComparison.Ordinal) || row.RowKey.StartsWith("led|", StringComparison.Ordinal))
                        continue;
                    if (hour.Ends(row))
                        stored.Add(hour);
                    hour.Add(row);
                }

                stored.Add(hour);
            }
        }

        Assert.Equal(expected.ToText(), stored.ToText());
        return stored.Calls;
    }

    private static async IAsyncEnumerable<TableEntity> RowsAsync(TableServiceClient service, string kind)
    {
        var tables = new List<string>();
        await foreach (var table in service.QueryAsync((string?)null, cancellationToken: TestContext.Current.CancellationToken))
        {
            if (table.Name.StartsWith(kind, StringComparison.Ordinal))
                tables.Add(table.Name);
        }

        foreach (var table in tables)
        {
            await foreach (var row in service.GetTableClient(table).QueryAsync<TableEntity>((string?)null, cancellationToken: TestContext.Current.CancellationToken))
                yield return row;
        }
    }

    /// <summary>What is counted, whatever the blocks it lies in.</summary>
    private sealed class Sums
    {
        private readonly SortedDictionary<string, RedSums> _red = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, LinkSums> _links = new(StringComparer.Ordinal);

        public long Calls => _red.Values.Sum(sums => sums.Calls);

        /// <summary>Adds the rows of an hour: those that were merged into others do not count.</summary>
        public void Add(HourRows hour)
        {
            var sum = new TraceAggregates();
            foreach (var row in hour.UpTo(long.MaxValue))
                sum.Merge(row.Data);
            Add(sum);
            hour.Reset();
        }

        public void Add(TraceAggregates aggregates)
        {
            foreach (var red in aggregates.Red)
            {
                var key = $"{red.Minute} {red.Service} {red.Operation} {red.Kind}";
                _red[key] = _red.GetValueOrDefault(key) + red.Sums;
            }

            foreach (var link in aggregates.Links)
            {
                var key = $"{link.Minute} {link.Parent}->{link.Child}";
                _links[key] = _links.GetValueOrDefault(key) + link.Sums;
            }
        }

        public string ToText() => string.Join('\n', _red.Where(sums => sums.Value != default).Select(sums => $"{sums.Key} {sums.Value}")
            .Concat(_links.Where(sums => sums.Value != default).Select(sums => $"{sums.Key} {sums.Value}")));
    }
}
