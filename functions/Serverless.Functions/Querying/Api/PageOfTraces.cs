using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Api;

/// <summary>
/// What a search has found so far of one page: the best by key, newest start first, and the ids of some that come behind it. Bounded, however
/// much is found.
/// </summary>
internal sealed class PageOfTraces(int limit, SearchCursor? after)
{
    private readonly SortedList<Key, TraceView?> _found = [];
    private bool _hasForgotten;

    /// <summary>
    /// True where nothing that starts at a moment or earlier can belong to the page, nor be the one that shows that there is a next page.
    /// </summary>
    public bool IsSettledAt(ulong startNs) => _found.Count > limit && _found.Keys[limit].StartNs > startNs;

    /// <summary>Takes a trace in, unless it was on a page before, or is here already.</summary>
    public void Add(TraceView view)
    {
        var key = new Key(view.ReportedStartNs, view.Trace.Summary.TraceId);
        if (after is not null && key.CompareTo(new Key(after.StartNs, after.TraceId)) <= 0)
            return;
        if (!_found.TryAdd(key, view))
            return;
        // Behind the page only ids are kept.
        if (_found.Count > limit && _found.GetValueAtIndex(limit) is not null)
            _found.SetValueAtIndex(limit, null);
        if (_found.Count > limit + 1 + SearchCursor.MostAhead)
        {
            _found.RemoveAt(_found.Count - 1);
            _hasForgotten = true;
        }
    }

    /// <summary>The traces of the page.</summary>
    public IReadOnlyList<TraceView> Traces => [.. _found.Values.Take(limit).OfType<TraceView>()];

    /// <summary>Where the next page begins, or null where nothing was found for one.</summary>
    public SearchCursor? Next(ulong fromNs, ulong toNs, ulong filterHash)
    {
        if (_found.Count <= limit)
            return null;
        var last = _found.Keys[limit - 1];
        var ahead = _found.Keys.Skip(limit).Select(key => key.TraceId.Low).Distinct().ToArray();
        return new SearchCursor(
            last.StartNs, last.TraceId, fromNs, toNs, filterHash, _hasForgotten || ahead.Length > SearchCursor.MostAhead ? null : ahead);
    }

    /// <summary>The newest start first, then by id.</summary>
    private readonly record struct Key(ulong StartNs, TraceId TraceId) : IComparable<Key>
    {
        public int CompareTo(Key other) => StartNs != other.StartNs ? other.StartNs.CompareTo(StartNs) : TraceId.CompareTo(other.TraceId);
    }
}
