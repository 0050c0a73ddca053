using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Api;

/// <summary>
/// What a search has found so far of one page: the best by key, newest start first, and the ids of some that come behind it. Bounded, however
/// much is found.
/// </summary>
internal sealed class PageOfTraces(int limit, SearchCursor? after)
{
    // Behind the page only a few bytes of each are kept, and beyond this many only what they have in common.
    private const int MostBehind = 10_000;

    private readonly SortedList<Key, Found> _found = [];
    private ulong _forgottenNs;

    /// <summary>
    /// True where nothing that starts at a moment or earlier can belong to the page, nor be the one that shows that there is a next page.
    /// </summary>
    public bool IsSettledAt(ulong startNs) => _found.Count > limit && _found.Keys[limit].StartNs > startNs;

    /// <summary>Takes a trace in, unless it was on a page before, or is here already.</summary>
    /// <param name="view">The trace.</param>
    /// <param name="latestNs">No digest that made it a candidate begins later.</param>
    public void Add(TraceView view, ulong latestNs)
    {
        var key = new Key(view.ReportedStartNs, view.Trace.Summary.TraceId);
        if (after is not null && key.CompareTo(new Key(after.StartNs, after.TraceId)) <= 0)
            return;
        if (!_found.TryAdd(key, new Found(view, latestNs)))
            return;
        if (_found.Count > limit && _found.GetValueAtIndex(limit) is { View: not null } behind)
            _found.SetValueAtIndex(limit, behind with { View = null });
        if (_found.Count > limit + MostBehind)
        {
            _forgottenNs = Math.Max(_forgottenNs, _found.GetValueAtIndex(_found.Count - 1).LatestNs);
            _found.RemoveAt(_found.Count - 1);
        }
    }

    /// <summary>The traces of the page.</summary>
    public IReadOnlyList<TraceView> Traces => [.. _found.Values.Take(limit).Select(found => found.View).OfType<TraceView>()];

    /// <summary>Where the next page begins, or null where nothing was found for one.</summary>
    public SearchCursor? Next(ulong fromNs, ulong toNs, ulong filterHash)
    {
        if (_found.Count <= limit)
            return null;
        var last = _found.Keys[limit - 1];
        // Most traces are short: the few that reach far beyond the page's end are told one by one, so that they do not unsettle the others.
        var byReach = _found.Skip(limit).Where(found => found.Value.LatestNs > last.StartNs).OrderByDescending(found => found.Value.LatestNs).ToArray();
        var settledNs = Math.Max(Math.Max(last.StartNs, _forgottenNs), byReach.Skip(SearchCursor.MostAhead).Select(found => found.Value.LatestNs).FirstOrDefault());
        ulong[] ahead = [.. byReach.Take(SearchCursor.MostAhead).Select(found => found.Key.TraceId.Low).Distinct()];
        return new SearchCursor(last.StartNs, last.TraceId, fromNs, toNs, filterHash, settledNs, ahead);
    }

    private readonly record struct Found(TraceView? View, ulong LatestNs);

    /// <summary>The newest start first, then by id.</summary>
    private readonly record struct Key(ulong StartNs, TraceId TraceId) : IComparable<Key>
    {
        public int CompareTo(Key other) => StartNs != other.StartNs ? other.StartNs.CompareTo(StartNs) : TraceId.CompareTo(other.TraceId);
    }
}
