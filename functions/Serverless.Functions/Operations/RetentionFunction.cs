using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Accounting;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Operations;

/// <summary>Drops the tables of days that are past retention, whole, and has the ledger say what went with them.</summary>
public sealed class RetentionFunction(
    DayTables tables, SpanHub hub, LedgerTotalsStore totals, WorkTotalsStore work, ExpiredDays expired, TracingSettings settings, TimeProvider clock,
    ILogger<RetentionFunction> logger)
{
    /// <summary>Runs at a quarter past each hour.</summary>
    [Function("retention")]
    public async Task RunAsync([TimerTrigger("0 15 * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        var oldest = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(-settings.RetentionDays);
        try
        {
            await DropBeforeAsync(oldest, cancellation);
        }
        catch (StorageConflictException e)
        {
            logger.LogInformation(e, "Another instance drops the days before {Day}: {Reason}", oldest, e.Message);
        }
    }

    // What is counted is kept in sums before the rows that it is counted from are gone.
    private async Task DropBeforeAsync(DateOnly oldest, CancellationToken cancellation)
    {
        var days = await tables.DaysBeforeAsync(oldest, cancellation);
        if (days.Count > 0)
        {
            await totals.FoldBeforeAsync(oldest, cancellation);
            await work.FoldAsync(cancellation);
            var partitions = await hub.PartitionIdsAsync(cancellation);
            foreach (var day in days)
                await expired.CountAsync(day, partitions, cancellation);
            foreach (var table in await tables.DropBeforeAsync(oldest, cancellation))
                logger.LogInformation("Dropped {Table}: older than {Days} days", table, settings.RetentionDays);
        }

        await expired.EndAsync(oldest, cancellation);
    }
}
