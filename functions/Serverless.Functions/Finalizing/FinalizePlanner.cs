using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// Sends the traces that are quiet to the hub <c>finalize</c>. The work list are the receipts behind a position that is kept per partition of the hub
/// <c>spans</c>; a trace of an old receipt that a younger one touches too comes with that one.
/// </summary>
/// <remarks>
/// The position moves on after the events are sent: a run that ends in between sends them again, which the finalizer recognises. It never sends
/// too little; where there is more than it reads at once, it may send a trace that is not quiet yet, which is then finalized again.
/// </remarks>
public sealed class FinalizePlanner(
    TableStorage storage, DayTables tables, SpanHub spans, FinalizeHub hub, FinalizeState state, FinalizeCounters counters,
    TracingSettings settings, TimeProvider clock, ILogger<FinalizePlanner> logger)
{
    // Bounds the memory: ids take 8 bytes in a list and about 20 in a set.
    private const int MostTracesAtOnce = 1_000_000;

    /// <summary>What is left then is sent by the next run, a minute after this one.</summary>
    internal static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(50);

    /// <summary>Sends what is due now.</summary>
    /// <returns>How many traces were sent.</returns>
    /// <exception cref="StorageException">The tables cannot be read or written; what was not sent is sent by the next run.</exception>
    /// <exception cref="HubException">The hub cannot be reached; what was not sent is sent by the next run.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var sent = 0;
        while (true)
        {
            var (traces, isCut) = await PlanAsync(cancellation);
            sent += traces;
            if (!isCut || clock.GetElapsedTime(began) > LongestRun)
                return sent;
        }
    }

    private async Task<(int Traces, bool IsCut)> PlanAsync(CancellationToken cancellation)
    {
        var dueUntil = clock.GetUtcNow() - TimeSpan.FromSeconds(settings.QuietSeconds);
        var days = (await tables.DaysAsync(DayTables.Receipts, cancellation)).Reverse().ToArray();
        var partitions = await spans.PartitionIdsAsync(cancellation);
        var young = new HashSet<ulong>();
        var runs = new List<ReceiptRun>(partitions.Count);
        foreach (var partition in partitions)
        {
            var run = new ReceiptRun(partition, await state.CursorAsync(partition, cancellation));
            await run.ReadAsync(storage, days, dueUntil, MostTracesAtOnce / partitions.Count, young, logger, cancellation);
            runs.Add(run);
        }

        var sent = await SendAsync(runs, young, cancellation);
        foreach (var run in runs)
            await AdvanceAsync(run, cancellation);
        await MarkAsync(runs, cancellation);
        counters.TracesPlanned(sent);
        return (sent, runs.Exists(run => run.IsCut));
    }

    private async Task<int> SendAsync(List<ReceiptRun> runs, HashSet<ulong> seen, CancellationToken cancellation)
    {
        var sent = 0;
        var days = runs.SelectMany(run => run.Due).GroupBy(due => due.Day).OrderByDescending(day => day.Key);
        var toSend = new List<(DateOnly Day, List<ulong> Traces)>();
        foreach (var day in days)
        {
            // What is young comes later, and what was due on a later day comes with that.
            var traces = new List<ulong>();
            foreach (var (_, ids) in day)
            {
                foreach (var id in ids)
                {
                    if (seen.Add(id))
                        traces.Add(id);
                }
            }

            toSend.Add((day.Key, traces));
        }

        foreach (var (day, traces) in Enumerable.Reverse(toSend))
        {
            await SendAsync(day, traces, cancellation);
            sent += traces.Count;
        }

        return sent;
    }

    private async Task SendAsync(DateOnly day, List<ulong> traces, CancellationToken cancellation)
    {
        if (traces.Count == 0)
            return;
        var partitions = await hub.PartitionIdsAsync(cancellation);
        // By shard, so that an event's summaries lie in few table partitions.
        CollectionsMarshal.AsSpan(traces).Sort(static (x, y) => Shards.Of(x) is var shard && Shards.Of(y) is var other && shard != other ? shard - other : x.CompareTo(y));
        foreach (var partition in traces.GroupBy(low => FinalizeHub.PartitionOf(low, partitions.Count)))
        {
            foreach (var some in partition.Chunk(settings.FinalizeItemTraces))
            {
                var item = new FinalizeItem(day, some, []);
                if (!await hub.TrySendAsync(partitions[partition.Key], item.ToBytes(), cancellation))
                    throw new InvalidOperationException($"An event of {some.Length} traces is larger than hub {FinalizeHub.Name} takes: lower Tracing:FinalizeItemTraces.");
            }
        }
    }

    private async Task AdvanceAsync(ReceiptRun run, CancellationToken cancellation)
    {
        if (run.LastDue is not var (day, rowKey))
            return;
        try
        {
            await state.AdvanceAsync(run.Partition, run.Cursor, day, rowKey, cancellation);
        }
        catch (StorageConflictException e)
        {
            logger.LogInformation(e, "Partition {Partition} is planned by another instance too; what was sent twice is finalized once", run.Partition);
        }
    }

    /// <summary>Notes what was sent, and what of all that is finalized by now.</summary>
    private async Task MarkAsync(List<ReceiptRun> runs, CancellationToken cancellation)
    {
        var sent = default(PlanMark);
        if (runs.Exists(run => run.LastDue is not null))
        {
            var last = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var partition in await hub.PartitionIdsAsync(cancellation))
                last[partition] = await hub.LastSequenceNumberAsync(partition, cancellation);
            sent = new PlanMark(
                runs.ToDictionary(run => run.Partition, run => run.LastDue is var (day, rowKey) ? new PlanCursor(day, rowKey, null) : run.Cursor, StringComparer.Ordinal), last);
        }

        var marks = await state.MarksAsync(cancellation);
        var next = marks.After(marks.Open.Count > 0 ? await state.ProgressAsync(cancellation) : new Dictionary<string, FinalizeProgress>(), sent);
        if (ReferenceEquals(next, marks))
            return;
        try
        {
            await state.WriteAsync(next, cancellation);
        }
        catch (StorageConflictException e)
        {
            logger.LogInformation(e, "Another instance plans too; what is in flight may be told too late to be done");
        }
    }
}
