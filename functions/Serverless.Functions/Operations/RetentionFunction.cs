using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Operations;

/// <summary>Drops the tables of days that are past retention, whole.</summary>
public sealed class RetentionFunction(DayTables tables, TracingSettings settings, TimeProvider clock, ILogger<RetentionFunction> logger)
{
    /// <summary>Runs at a quarter past each hour.</summary>
    [Function("retention")]
    public async Task RunAsync([TimerTrigger("0 15 * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        foreach (var table in await tables.DropBeforeAsync(today.AddDays(-settings.RetentionDays), cancellation))
            logger.LogInformation("Dropped {Table}: older than {Days} days", table, settings.RetentionDays);
    }
}
