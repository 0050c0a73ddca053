using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Aggregates;

/// <summary>
/// Reads the traces that are not finalized, or not wholly, and what they add to the stored aggregates: each as the finalizer would count it now, less
/// what its summary says is counted.
/// </summary>
public sealed class InFlightTraces(
    TableStorage storage, DayTables tables, SpanHub hub, FinalizeState state, TraceReader reader, TracingSettings settings, TimeProvider clock)
    : IDisposable
{
    /// <summary>Where more traces are in flight, none of them is looked at.</summary>
    public const int MaxTraces = 5_000;

    private const int AtOnce = 8;
    private const int Tries = 3;

    private static readonly FinalizeItemId NoItem = new("", -1);

    private readonly SemaphoreSlim _one = new(1);
    private (string Signature, LiveDelta Delta)? _last;

    /// <summary>What the traces in flight add. Who asks while nothing has changed shares the answer.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="HubException">A hub cannot be asked.</exception>
    internal async Task<LiveDelta> ReadAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            for (var tries = 1; ; tries++)
            {
                var receipts = new InFlightReceipts(storage, tables, hub, state);
                await receipts.ReadAsync(MaxTraces, cancellation);
                if (_last is var (signature, delta) && signature == receipts.Signature)
                    return delta;
                var (read, isExact) = await ReadAsync(receipts, cancellation);
                if (isExact)
                    _last = (receipts.Signature, read);
                if (isExact || tries == Tries)
                    return read;
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<(LiveDelta Delta, bool IsExact)> ReadAsync(InFlightReceipts receipts, CancellationToken cancellation)
    {
        var delta = new LiveDelta(receipts.Progress.ToDictionary(one => one.Key, one => one.Value.Sequence), new TraceAggregates(), [], receipts.Traces.Count <= MaxTraces);
        if (!delta.IsComplete)
            return (delta, true);
        var days = await tables.DaysAsync(DayTables.Spans, cancellation);
        var latest = receipts.Progress.Values.Select(progress => progress.Day).DefaultIfEmpty(DateOnly.MinValue).Max();
        var gate = new Lock();
        var isExact = true;
        await Parallel.ForEachAsync(
            receipts.Traces,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (trace, stop) =>
            {
                // As for the finalizer: no summary lies in a later table.
                var day = trace.Value > latest ? trace.Value : latest;
                var (found, isSure) = await JudgeAsync(trace.Key, day, [.. days.Where(other => other < day)], delta.Committed, stop);
                lock (gate)
                {
                    isExact &= isSure;
                    Add(delta, found?.Now, 1);
                    Add(delta, found?.Before, -1);
                }
            });
        return (delta, isExact);
    }

    /// <summary>What the finalizer would do with a trace, where the committed items alone had been.</summary>
    private async Task<(FinalizedTrace? Trace, bool IsExact)> JudgeAsync(
        ulong low, DateOnly day, IReadOnlyList<DateOnly> earlier, IReadOnlyDictionary<string, long> committed, CancellationToken cancellation)
    {
        try
        {
            var judgement = new TraceJudgement(reader, null, settings, clock, NoItem, day, earlier);
            var rows = await judgement.ReadAsync(low, cancellation);
            var isExact = true;
            if (rows.Summary is { } summary && committed.GetValueOrDefault(summary.Item.Partition, -1) is var last && summary.Item.Sequence > last)
            {
                // The next item is at work: what was there before it counts. Of one after that it is not known.
                isExact = summary.Item.Sequence == last + 1;
                judgement = new TraceJudgement(reader, null, settings, clock, summary.Item, day, earlier);
            }

            return (await judgement.FinalizeAsync(low, rows, [], cancellation), isExact);
        }
        catch (Exception e) when (e is TraceSkippedException or FormatException)
        {
            // The finalizer does not count it either.
            return (null, true);
        }
    }

    private static void Add(LiveDelta delta, AssembledTrace? trace, int sign)
    {
        if (trace is null)
            return;
        delta.Spans.Add(trace, sign);
        if (TraceTimestamp.TryGet(trace.Tree.Spans, out var startNs))
            delta.Links.Add(new LiveLinks(startNs, trace.Links, sign));
    }
}
