namespace Serverless.Tracing.Search;

/// <summary>
/// Puts the hits of a search together: says once for each trace that it is a candidate, when its digests may satisfy all conditions
/// between them.
/// </summary>
public sealed class CandidateCollector
{
    private readonly Dictionary<ulong, ulong> _conditions = [];
    private readonly SearchFilter _filter;
    private readonly int _maxTraces;

    /// <summary>A collector for one search.</summary>
    /// <param name="filter">What is searched for.</param>
    /// <param name="maxTraces">How many traces it remembers at most; see <see cref="IsIncomplete"/>.</param>
    public CandidateCollector(SearchFilter filter, int maxTraces = 100_000)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTraces, 1);
        _filter = filter;
        _maxTraces = maxTraces;
    }

    /// <summary>
    /// True once there were more traces than are remembered: those beyond are candidates only where a single digest satisfies
    /// everything, and may be candidates more than once.
    /// </summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Adds a hit; true where it makes its trace a candidate.</summary>
    public bool Add(in SearchHit hit)
    {
        var all = _filter.AllConditions;
        if (!_conditions.TryGetValue(hit.TraceLow, out var before))
        {
            if (_conditions.Count < _maxTraces)
                _conditions.Add(hit.TraceLow, Marked(hit.Conditions, all));
            else
                IsIncomplete = true;
            return hit.Conditions == all;
        }

        var after = before | hit.Conditions;
        _conditions[hit.TraceLow] = Marked(after, all);
        return (before & SearchFilter.InWindow) == 0 && after == all;
    }

    /// <summary>A trace that is a candidate already carries a further bit.</summary>
    private static ulong Marked(ulong conditions, ulong all) =>
        (conditions & all) == all ? conditions | SearchFilter.InWindow : conditions;
}
