using Microsoft.Extensions.Logging;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// Looks for services that do not forward trace headers, in what was finalized lately (<see cref="PropagationBreakDetector"/>), and sends the traces
/// concerned to be finalized again with what was found: the finalizer alone writes summaries.
/// </summary>
public sealed class BreakFinder(
    TableStorage storage, FinalizeHub hub, PropagationOpeners openers, FinalizeCounters counters, TimeProvider clock, ILogger<BreakFinder> logger)
{
    private const int PageRows = 100;
    private const int MostCalls = 200_000;
    private const int MostBreaksPerService = 200;
    private const int MostBreaksPerItem = 500;

    // Both sides of a break are quiet at about the same time; what is found again was sent before.
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>Looks through what was finalized in the last minutes.</summary>
    /// <returns>How many breaks were found.</returns>
    /// <exception cref="StorageException">The tables cannot be read or written.</exception>
    /// <exception cref="HubException">The hub cannot be reached.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var window = await ReadAsync(now, cancellation);
        await openers.LearnAsync(window.SelectMany(row => row.Opened).Select(call => call.Service), cancellation);
        var breaks = PropagationBreakDetector.Detect(
            window.Select(row => new PropagationFragment { TraceId = default, Received = row.Received, Opened = row.Opened }), MostBreaksPerService);
        counters.BreaksFound(breaks.Count);
        if (breaks.Count > 0)
            await SendAsync(DateOnly.FromDateTime(now.UtcDateTime), breaks, cancellation);
        return breaks.Count;
    }

    private async Task<List<FragmentRow>> ReadAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var rows = new List<FragmentRow>();
        var calls = 0;
        var since = now - Window;
        foreach (var day in new[] { now, since }.Select(time => DateOnly.FromDateTime(time.UtcDateTime)).Distinct())
        {
            foreach (var partition in await hub.PartitionIdsAsync(cancellation))
            {
                await foreach (var row in storage.ReadAsync(
                    DayTables.Name(DayTables.Fragments, day), RowKeys.Partition(partition), RowKeys.FragmentsSince(since), null, PageRows, cancellation))
                {
                    if (Read(row) is not { } fragments)
                        continue;
                    calls += fragments.Received.Count + fragments.Opened.Count;
                    if (calls > MostCalls)
                    {
                        logger.LogWarning("More than {Calls} calls begin or end traces within {Window}: breaks of propagation are looked for in a part of them", MostCalls, Window);
                        return rows;
                    }

                    rows.Add(fragments);
                }
            }
        }

        return rows;
    }

    private FragmentRow? Read(StoredRow row)
    {
        try
        {
            return FragmentRow.FromRow(row);
        }
        catch (FormatException e)
        {
            logger.LogError(e, "Calls that could show breaks of propagation are left out: {Reason}", e.Message);
            return null;
        }
    }

    private async Task SendAsync(DateOnly day, IReadOnlyList<PropagationBreak> breaks, CancellationToken cancellation)
    {
        var partitions = await hub.PartitionIdsAsync(cancellation);
        var sides = breaks.SelectMany(found => new[] { (Trace: found.Received.TraceId, Break: found), (Trace: found.Opened.TraceId, Break: found) });
        foreach (var partition in sides.GroupBy(side => FinalizeHub.PartitionOf(side.Trace.Low, partitions.Count)))
        {
            foreach (var some in partition.Chunk(MostBreaksPerItem))
            {
                var item = new FinalizeItem(day, [.. some.Select(side => side.Trace.Low).Distinct()], [.. some.Select(side => side.Break).Distinct()]);
                if (!await hub.TrySendAsync(partitions[partition.Key], item.ToBytes(), cancellation))
                    logger.LogError("An event of {Breaks} breaks of propagation is larger than hub {Hub} takes, and is left out", some.Length, FinalizeHub.Name);
            }
        }
    }
}
