using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Serverless.Tracing.Search;

/// <summary>
/// Puts the hits of a search together: says once for each trace that it is a candidate, when its digests may satisfy all conditions
/// between them.
/// </summary>
/// <remarks>
/// Where one span has to satisfy everything, digests are put together only for spans that were reported in parts. Those digests lie near each other, so
/// that of the traces seen the older ones may be forgotten, rather than called incomplete, once there are too many.
/// </remarks>
public sealed class CandidateCollector
{
    private readonly SearchFilter _filter;
    private readonly int _maxTraces;
    private readonly bool _forgets;
    private Dictionary<ulong, Seen> _seen = [];
    private Dictionary<ulong, Seen> _older = [];

    /// <summary>A collector for one search.</summary>
    /// <param name="filter">What is searched for.</param>
    /// <param name="maxTraces">How many traces it remembers at most; see <see cref="IsIncomplete"/>.</param>
    public CandidateCollector(SearchFilter filter, int maxTraces = 100_000)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTraces, 1);
        _filter = filter;
        _maxTraces = maxTraces;
        _forgets = filter.Query.Semantics == QuerySemantics.SameSpan;
    }

    /// <summary>
    /// True once there were more traces than are remembered: those beyond are candidates only where a single digest satisfies
    /// everything, and may be candidates more than once. Never true with <see cref="QuerySemantics.SameSpan"/>, where only parts of a span that lie
    /// that many traces apart are not put together.
    /// </summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Adds a hit; true where it makes its trace a candidate.</summary>
    public bool Add(in SearchHit hit) => Add(hit, out _);

    /// <summary>Adds a hit; true where it makes its trace a candidate.</summary>
    /// <param name="hit">The hit.</param>
    /// <param name="starts">When the trace's digests so far begin.</param>
    public bool Add(in SearchHit hit, out CandidateStarts starts)
    {
        var all = _filter.AllConditions;
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(_seen, hit.TraceLow);
        if (Unsafe.IsNullRef(ref known))
        {
            var before = _older.TryGetValue(hit.TraceLow, out var older) ? older : new Seen(0, new CandidateStarts(ulong.MaxValue, 0));
            var first = before.With(hit, all);
            starts = first.Starts;
            if (HasRoom())
                _seen.Add(hit.TraceLow, first);
            else
                IsIncomplete = true;
            return !before.IsCandidate && first.IsCandidate;
        }

        var after = known.With(hit, all);
        starts = after.Starts;
        var isNew = !known.IsCandidate && after.IsCandidate;
        known = after;
        return isNew;
    }

    private bool HasRoom()
    {
        if (!_forgets)
            return _seen.Count < _maxTraces;
        if (_seen.Count * 2 >= _maxTraces)
        {
            (_seen, _older) = (_older, _seen);
            _seen.Clear();
        }

        return true;
    }

    /// <summary>What is known of a trace. One that is a candidate already carries a further bit.</summary>
    private readonly record struct Seen(ulong Conditions, CandidateStarts Starts)
    {
        public bool IsCandidate => (Conditions & SearchFilter.InWindow) != 0;

        public Seen With(in SearchHit hit, ulong all)
        {
            var conditions = Conditions | hit.Conditions;
            return new Seen(
                (conditions & all) == all ? conditions | SearchFilter.InWindow : conditions,
                new CandidateStarts(
                    Math.Min(Starts.EarliestNs, hit.OldestStartNs), hit.OldestStartNs == 0 ? Starts.LatestNs : Math.Max(Starts.LatestNs, hit.NewestStartNs)));
        }
    }
}
