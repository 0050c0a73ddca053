using Serverless.Functions.Storage;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Api;

/// <summary>
/// Finds traces page by page in the exact order of their starts: reads search blocks newest first, opens each trace that may match, and stops when
/// nothing that is still unread can belong to the page.
/// </summary>
/// <remarks>
/// A trace's earliest start is never after the newest start of any of its digests, which is never after that of their block. So once all blocks down to a
/// moment are read and their candidates opened, every trace that starts after it is known. Each page reads the blocks from the newest on, for what
/// traces satisfy in parts may lie anywhere in them; it opens again only what reaches beyond the last page's end. Where verdicts are asked for, only what may
/// have them is opened (<see cref="VerdictCandidates"/>), and nothing more is read when all of it was seen, but for what began a moment ago: its batch
/// may be just being written.
/// </remarks>
public sealed class TracePageSearch(
    SearchBlockStreams blocks, TraceReader traces, VerdictCandidates? verdicts, TracingSettings settings, TimeProvider clock)
{
    // Traces opened at once: enough to hide the way to a remote service, few enough not to open many in vain.
    private const int ConcurrentReads = 8;

    // What is being written when a search begins began shortly before.
    private static readonly TimeSpan JustWritten = TimeSpan.FromSeconds(10);

    /// <summary>Finds one page.</summary>
    /// <param name="filter">What is asked for.</param>
    /// <param name="filterHash">What a cursor is to be known by.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    internal async Task<FoundPage> FindAsync(TraceFilter filter, ulong filterHash, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = clock.CreateTimer(
            state => ((CancellationTokenSource)state!).Cancel(), deadline, TimeSpan.FromSeconds(settings.MaxSearchSeconds), Timeout.InfiniteTimeSpan);
        var page = new PageOfTraces(filter.Query.Limit, filter.Cursor);
        var isComplete = false;
        try
        {
            isComplete = await FindAsync(filter, page, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // What was found is still true; that there may be more is said.
        }

        return new FoundPage(page.Traces, isComplete, isComplete ? page.Next(filter.Query.StartMinNs, filter.Query.StartMaxNs, filterHash) : null);
    }

    private async Task<bool> FindAsync(TraceFilter filter, PageOfTraces page, CancellationToken cancellation)
    {
        var compiled = new SearchFilter(filter.Query);
        var reader = new SearchBlockReader();
        var candidates = new CandidateCollector(compiled);
        var hits = new List<SearchHit>();
        var waiting = new PriorityQueue<Candidate, ulong>();
        var opened = new HashSet<ulong>();
        var listed = verdicts is null
            ? null
            : await verdicts.FindAsync(filter.Verdicts, filter.StrictTraceId, filter.Query.StartMinNs, filter.Query.StartMaxNs, cancellation);
        var seen = new HashSet<ulong>();
        var justWrittenNs = (ulong)Math.Max(0, (clock.GetUtcNow() - JustWritten - DateTimeOffset.UnixEpoch).Ticks) * 100;
        foreach (var low in filter.Cursor?.Ahead ?? [])
            waiting.Enqueue(new Candidate(low, ulong.MaxValue), ulong.MaxValue - filter.Cursor!.StartNs);
        await using var stream = await blocks.OpenAsync(compiled, cancellation);
        var isAllSeen = false;
        while (true)
        {
            var block = isAllSeen ? null : await stream.PeekAsync(cancellation);
            if (seen.Count == listed?.Traces.Count && block?.NewestStartNs < justWrittenNs)
                (isAllSeen, block) = (true, null);
            var unreadNs = block?.NewestStartNs ?? 0;
            // A candidate's turn has come when no block that is still to be read can hold a newer one.
            while (waiting.TryPeek(out _, out var age) && ulong.MaxValue - age >= unreadNs && !page.IsSettledAt(ulong.MaxValue - age))
                await OpenAsync(filter, waiting, unreadNs, opened, page, cancellation);
            if (block is null || (page.IsSettledAt(unreadNs) && (waiting.Count == 0 || IsSettled(page, waiting))))
                return !candidates.IsIncomplete;
            var isListed = listed is not null && !listed.IsNewer(block.RowKey);
            hits.Clear();
            reader.FindCandidates(block.Bytes, compiled, hits, compiled.GivenBy(block.Service));
            foreach (var hit in hits)
            {
                if ((isListed && !listed!.Traces.Contains(hit.TraceLow)) || !candidates.Add(hit, out var starts))
                    continue;
                if (listed?.Traces.Contains(hit.TraceLow) == true)
                    seen.Add(hit.TraceLow);
                // What begins after that was opened for a page before: it was on one, does not match, or is told by the cursor.
                if (!(starts.EarliestNs > filter.Cursor?.SettledNs))
                    waiting.Enqueue(new Candidate(hit.TraceLow, starts.LatestNs), ulong.MaxValue - hit.NewestStartNs);
            }

            stream.Take();
        }
    }

    private static bool IsSettled(PageOfTraces page, PriorityQueue<Candidate, ulong> waiting) =>
        waiting.TryPeek(out _, out var age) && page.IsSettledAt(ulong.MaxValue - age);

    private async Task OpenAsync(
        TraceFilter filter, PriorityQueue<Candidate, ulong> waiting, ulong notOlderThanNs, HashSet<ulong> opened, PageOfTraces page, CancellationToken cancellation)
    {
        var some = new List<Candidate>();
        while (some.Count < ConcurrentReads && waiting.TryPeek(out var candidate, out var age) && ulong.MaxValue - age >= notOlderThanNs)
        {
            waiting.Dequeue();
            // Beyond what the collector remembers a trace may be a candidate again.
            if (opened.Add(candidate.TraceLow))
                some.Add(candidate);
        }

        var reads = await Task.WhenAll(some.Select(candidate => traces.ReadAllAsync(candidate.TraceLow, filter.StrictTraceId, cancellation)));
        for (var i = 0; i < reads.Length; i++)
        {
            foreach (var trace in reads[i].Where(trace => TraceMatcher.Matches(trace.Spans, filter.Query)))
            {
                var view = TraceViews.Assemble(trace, adjusts: true);
                if (filter.Verdicts.Count == 0 || view.Trace.Summary.Verdicts.Any(filter.Verdicts.Contains))
                    page.Add(view, some[i].LatestNs);
            }
        }
    }

    /// <summary>A trace that may match, and after which moment none of the digests begins that make it one.</summary>
    private readonly record struct Candidate(ulong TraceLow, ulong LatestNs);
}
