using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>
/// How far the export is behind: the age of the oldest stored batch whose traces are not all judged and handed to analytics. A trace is handed over before it
/// counts as judged, so the one position tells both. The wait until a trace is quiet is part of it.
/// </summary>
public sealed class ExportLag(TableStorage storage, DayTables tables, SpanHub hub, FinalizeState state, TracingSettings settings, TimeProvider clock)
{
    /// <summary>The age in seconds, 0 where nothing waits; null where nothing is exported.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task<double?> SecondsAsync(CancellationToken cancellation)
    {
        if (!settings.ExportsAnalytics)
            return null;
        var settled = await state.SettledAsync(cancellation);
        var days = (await tables.DaysAsync(DayTables.Receipts, cancellation)).Reverse().ToArray();
        var oldest = clock.GetUtcNow();
        foreach (var partition in await hub.PartitionIdsAsync(cancellation))
        {
            var cursor = settled.GetValueOrDefault(partition, PlanCursor.None);
            if (await FirstAsync(partition, cursor, days, cancellation) is { } at && at < oldest)
                oldest = at;
        }

        return (clock.GetUtcNow() - oldest).TotalSeconds;
    }

    private async Task<DateTimeOffset?> FirstAsync(string partition, PlanCursor cursor, DateOnly[] days, CancellationToken cancellation)
    {
        var key = RowKeys.Partition(partition);
        foreach (var day in days.Where(day => day >= cursor.Day))
        {
            await foreach (var row in storage.ReadAsync(
                DayTables.Name(DayTables.Receipts, day), key, cursor.RowKey.Length > 0 ? cursor.After : key, key + "~", 1, cancellation))
                return Receipt.FromRow(partition, row).AssembledAt;
        }

        return null;
    }
}
