using Serverless.Functions.Storage;
using Serverless.Functions.Telemetry;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying;

/// <summary>
/// Finds traces by what their spans say, newest first: reads search blocks newest first, opens each trace that may match, and
/// stops when it has enough that do.
/// </summary>
public sealed class TraceSearch(SearchBlockStreams blocks, TraceReader traces, TracingSettings settings, TimeProvider clock)
{
    // Traces opened at once: enough to hide the way to a remote service, few enough not to open many in vain.
    private const int ConcurrentReads = 8;

    // What a search may hold until it is answered is told in spans: some 50,000, or 60 MB, by default. Beyond, traces are read again when their turn
    // has come.
    private const int FrameBytesPerHeldSpan = 10;

    /// <summary>Finds the newest traces that match, at most as many as the query's limit.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<SearchResult> FindAsync(TraceQuery query, CancellationToken cancellation)
    {
        var heldSpans = 0;
        var most = settings.LargeTraceBytes / FrameBytesPerHeldSpan;
        var (traces, isComplete) = await FindAsync(query, Keep, mostTime: null, cancellation);
        return new SearchResult(traces, isComplete);

        FoundTrace Keep(ReadTrace trace)
        {
            var isHeld = Interlocked.Add(ref heldSpans, trace.Spans.Count) <= most;
            if (!isHeld)
                Interlocked.Add(ref heldSpans, -trace.Spans.Count);
            return new FoundTrace(trace.Spans[0].TraceId, isHeld ? trace : null);
        }
    }

    /// <summary>Finds them, and keeps of each what is made of it.</summary>
    /// <param name="query">What is asked.</param>
    /// <param name="keep">Makes of a trace what is kept of it; called for several at once.</param>
    /// <param name="mostTime">How long that may take; null for as long as any search may.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>What was kept, newest first; and false where the search ran out of time.</returns>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<(IReadOnlyList<T> Kept, bool IsComplete)> FindAsync<T>(
        TraceQuery query, Func<ReadTrace, T> keep, TimeSpan? mostTime, CancellationToken cancellation)
    {
        using var span = OwnSpans.Start("search traces");
        ArgumentNullException.ThrowIfNull(query);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var most = TimeSpan.FromSeconds(settings.MaxSearchSeconds);
        using var timer = clock.CreateTimer(
            state => ((CancellationTokenSource)state!).Cancel(), deadline, mostTime < most ? mostTime.Value : most, Timeout.InfiniteTimeSpan);
        var found = new FoundTraces<T>();
        try
        {
            var isComplete = await FindAsync(query, keep, found, deadline.Token);
            return (found.NewestFirst(), isComplete);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (found.NewestFirst(), false);
        }
    }

    private async Task<bool> FindAsync<T>(TraceQuery query, Func<ReadTrace, T> keep, FoundTraces<T> found, CancellationToken cancellation)
    {
        var filter = new SearchFilter(query);
        var reader = new SearchBlockReader();
        var candidates = new CandidateCollector(filter);
        var hits = new List<SearchHit>();
        var waiting = new PriorityQueue<ulong, ulong>();
        await using var stream = await blocks.OpenAsync(filter, cancellation);
        while (found.Count < query.Limit)
        {
            var block = await stream.PeekAsync(cancellation);
            // A candidate's turn has come when no block that is still to be read can hold a newer one.
            while (waiting.TryPeek(out _, out var age) && (block is null || ulong.MaxValue - age >= block.NewestStartNs) && found.Count < query.Limit)
                await OpenAsync(query, keep, waiting, block?.NewestStartNs ?? 0, found, cancellation);
            if (block is null || found.Count >= query.Limit)
                break;
            hits.Clear();
            reader.FindCandidates(block.Bytes, filter, hits, filter.GivenBy(block.Service));
            foreach (var hit in hits)
            {
                if (candidates.Add(hit))
                    waiting.Enqueue(hit.TraceLow, ulong.MaxValue - hit.NewestStartNs);
            }

            stream.Take();
        }

        return !candidates.IsIncomplete;
    }

    private async Task OpenAsync<T>(
        TraceQuery query, Func<ReadTrace, T> keep, PriorityQueue<ulong, ulong> waiting, ulong notOlderThanNs, FoundTraces<T> found, CancellationToken cancellation)
    {
        var lows = new List<ulong>();
        var most = Math.Min(ConcurrentReads, query.Limit - found.Count);
        while (lows.Count < most && waiting.TryPeek(out var traceLow, out var age) && ulong.MaxValue - age >= notOlderThanNs)
        {
            waiting.Dequeue();
            // Beyond what the collector remembers, and where blocks are there twice, a trace may be a candidate again.
            if (!found.Has(traceLow) && !lows.Contains(traceLow))
                lows.Add(traceLow);
        }

        var isStrict = query.StrictTraceId ?? settings.StrictTraceId;
        var reads = await Task.WhenAll(lows.Select(low => traces.FindAllAsync(low, isStrict, query, keep, cancellation)));
        for (var i = 0; i < reads.Length; i++)
        {
            foreach (var trace in reads[i].TakeWhile(_ => found.Count < query.Limit))
                found.Add(lows[i], trace);
        }
    }
}
