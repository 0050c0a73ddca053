using Microsoft.Extensions.Logging;
using Serverless.Functions.Accounting;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Assembling;

/// <summary>Merges the small search blocks of hours that are closed, so that a search over days reads few rows.</summary>
/// <remarks>
/// The merged blocks are written at once, in one transaction with a note of what they were made of; what they were made of is deleted
/// by a later run, when every search that began before that transaction is over. A search may read a partition's pages
/// on both sides of either moment and still finds everything:
/// <list type="bullet">
/// <item>one that began before the merged blocks were written has the sources to the end, for it is over before they are deleted;</item>
/// <item>one that began after has the merged blocks from its first page on. Where those are merged again meanwhile, they stay as long, by
/// the same rule.</item>
/// </list>
/// No choice of the merged blocks' keys would do instead: a digest of a source that lies ahead of a search may lie behind it in the
/// merged block. Between write and deletion, and where a batch is replayed later, digests are there twice; searches count a trace once.
/// A run that stops anywhere leaves either nothing or a transaction with its note, and every deletion can be repeated.
/// <para>
/// Each run looks at the hours that have closed lately. Once all hours of a day of arrival are closed, its table is looked at whole, for blocks
/// that came late, and then not again.
/// </para>
/// </remarks>
public sealed class SearchMerger(
    TableStorage storage, DayTables tables, SpanHub hub, SpanCounters counters, TracingSettings settings, TimeProvider clock, ILogger<SearchMerger> logger)
{
    private const ulong HourNs = SearchBlock.MaxSpanOfStartsNs;
    private const int RecentHours = 3;
    private const int RecentDays = 2;

    private static readonly TimeSpan ClosedAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan DeletedAfter = TimeSpan.FromMinutes(30);

    // Functions of the consumption plan end after five.
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(4);

    /// <summary>Deletes what was merged before, then merges what can be. What fails is logged and left to the next run.</summary>
    /// <exception cref="StorageException">The tables cannot be listed.</exception>
    /// <exception cref="HubException">The hub cannot be asked for its partitions.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var now = clock.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var partitions = await hub.PartitionIdsAsync(cancellation);
        foreach (var day in await tables.DaysAsync(DayTables.Search, cancellation))
        {
            if (day < today.AddDays(-RecentDays))
                break;
            for (var i = 0; i < partitions.Count; i++)
            {
                if (IsTimeUp())
                {
                    logger.LogInformation("The merging of search blocks took {Duration}, and goes on in the next run", LongestRun);
                    return;
                }

                // Another first one each hour, so that a run that ends early does not leave out the same ones each time.
                var partition = partitions[(i + now.Hour) % partitions.Count];
                await MergeAsync(day, new PartitionMerger(
                    storage, counters, DayTables.Name(DayTables.Search, day), partition, IsTimeUp, clock, logger), now, cancellation);
            }
        }

        bool IsTimeUp() => clock.GetElapsedTime(began) >= LongestRun;
    }

    private async Task MergeAsync(DateOnly day, PartitionMerger merger, DateTimeOffset now, CancellationToken cancellation)
    {
        var closed = Nanoseconds((now - ClosedAfter).UtcDateTime) / HourNs * HourNs;
        var endOfDay = Nanoseconds(day.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
        try
        {
            var longestSearch = TimeSpan.FromSeconds(settings.MaxSearchSeconds);
            await merger.DeleteMergedAsync(DeletedAfter + longestSearch, cancellation);
            if (closed < endOfDay)
                await merger.MergeAsync(closed - (RecentHours * HourNs), closed, cancellation);
            else if (!await merger.IsDoneAsync(cancellation) && await merger.MergeAsync(0, closed, cancellation))
                await merger.MarkDoneAsync(cancellation);
        }
        catch (StorageException e)
        {
            logger.LogWarning(e, "The search blocks of {Day} are merged by the next run: {Reason}", day, e.Message);
        }
    }

    private static ulong Nanoseconds(DateTime utc) => (ulong)(utc - DateTime.UnixEpoch).Ticks * 100;
}
