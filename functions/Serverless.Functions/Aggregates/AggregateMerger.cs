using Microsoft.Extensions.Logging;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Aggregates;

/// <summary>Merges the many small rows of aggregates that the finalizer writes, so that a reader of days reads few.</summary>
/// <remarks>
/// Safe for the reason for which the merging of search blocks is (<see cref="Assembling.SearchMerger"/>): what is merged and the note that names its sources are
/// written in one transaction, the note sorts before everything else of its hour, and sources are deleted only when every reader that
/// began before is over. Only items that are committed are merged: those do not change any more.
/// </remarks>
public sealed class AggregateMerger(
    TableStorage storage, DayTables tables, FinalizeHub hub, FinalizeState state, FinalizeCounters counters, TimeProvider clock, ILogger<AggregateMerger> logger)
{
    // It is run with what is done each minute, which should end in it.
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(50);

    /// <summary>Merges what can be, and deletes what was merged before. What fails is logged and left to the next run.</summary>
    /// <exception cref="StorageException">The tables cannot be listed.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var progress = await state.ProgressAsync(cancellation);
        var partitions = await hub.PartitionIdsAsync(cancellation);
        var first = clock.GetUtcNow().Minute;
        foreach (var day in await tables.DaysAsync(DayTables.Aggregates, cancellation))
        {
            for (var i = 0; i < partitions.Count; i++)
            {
                if (IsTimeUp())
                {
                    logger.LogInformation("The merging of aggregates took {Duration}, and goes on in the next run", LongestRun);
                    return;
                }

                // Another first one each time, so that a run that ends early does not leave out the same ones.
                var partition = partitions[(i + first) % partitions.Count];
                await MergeAsync(day, partition, progress.GetValueOrDefault(partition, FinalizeProgress.None), IsTimeUp, cancellation);
            }
        }

        bool IsTimeUp() => clock.GetElapsedTime(began) >= LongestRun;
    }

    private async Task MergeAsync(DateOnly day, string partition, FinalizeProgress progress, Func<bool> isTimeUp, CancellationToken cancellation)
    {
        var merger = new AggregateTableMerger(storage, counters, DayTables.Name(DayTables.Aggregates, day), partition, progress.Sequence, isTimeUp, clock, logger);
        try
        {
            if (await merger.IsDoneAsync(cancellation))
                return;
            // Items of a partition never go back to an earlier day.
            if (await merger.RunAsync(cancellation) && progress.Day > day)
                await merger.MarkDoneAsync(cancellation);
        }
        catch (StorageException e)
        {
            logger.LogWarning(e, "The aggregates of {Day} are merged by the next run: {Reason}", day, e.Message);
        }
    }
}
