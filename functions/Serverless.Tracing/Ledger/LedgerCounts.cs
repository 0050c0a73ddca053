using System.Collections;
using System.Runtime.InteropServices;

namespace Serverless.Tracing.Ledger;

/// <summary>
/// Counts by key, bounded: when there are too many sources, the instances of further ones are no longer told apart, then
/// the sources themselves. No count is ever left out. Used by one at a time.
/// </summary>
/// <param name="mostSources">How many sources are told apart.</param>
/// <param name="mostChars">How long their names may be together, in characters.</param>
public sealed class LedgerCounts(int mostSources = LedgerCounts.MostSources, int mostChars = LedgerCounts.MostChars) : IEnumerable<KeyValuePair<LedgerKey, long>>
{
    /// <summary>How many sources are told apart where nothing else is said.</summary>
    public const int MostSources = 1_024;

    /// <summary>How long the names of all sources may be together where nothing else is said, in characters.</summary>
    public const int MostChars = 80_000;

    private readonly Dictionary<LedgerKey, long> _counts = [];
    private readonly HashSet<LedgerSource> _sources = [];
    private int _chars;

    /// <summary>True where nothing was counted.</summary>
    public bool IsEmpty => _counts.Count == 0;

    /// <summary>How many keys have a count.</summary>
    public int Count => _counts.Count;

    /// <summary>The count of a key.</summary>
    public long this[LedgerKey key] => _counts.GetValueOrDefault(key);

    /// <summary>Adds to a count; it may be negative.</summary>
    public void Add(LedgerSource source, LedgerStage stage, LedgerReason reason, long count)
    {
        if (count == 0)
            return;
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, new LedgerKey(source, stage, reason), out var exists);
        if (exists || _sources.Contains(source) || TryAddSource(source, mostSources, mostChars))
        {
            sum += count;
            return;
        }

        _counts.Remove(new LedgerKey(source, stage, reason));
        var wider = source.WithoutInstance();
        if (!_sources.Contains(wider) && !TryAddSource(wider, mostSources + (mostSources / 2), mostChars + (mostChars / 2)))
            wider = source.Anybody();
        _sources.Add(wider);
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, new LedgerKey(wider, stage, reason), out _) += count;
    }

    /// <summary>Adds to a count.</summary>
    public void Add(in LedgerKey key, long count) => Add(key.Source, key.Stage, key.Reason, count);

    /// <summary>Adds all of other counts.</summary>
    public void Add(LedgerCounts other)
    {
        foreach (var (key, count) in other._counts)
            Add(key, count);
    }

    /// <summary>The sum of a stage, for whatever reasons, of all sources.</summary>
    public long Sum(LedgerStage stage)
    {
        var sum = 0L;
        foreach (var (key, count) in _counts)
            sum += key.Stage == stage ? count : 0;
        return sum;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _counts.Clear();
        _sources.Clear();
        _chars = 0;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<LedgerKey, long>> GetEnumerator() => _counts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private bool TryAddSource(LedgerSource source, int most, int chars)
    {
        var length = source.Service.Length + source.Sender.Length + source.Instance.Length;
        if (_sources.Count >= most || _chars + length > chars || !_sources.Add(source))
            return false;
        _chars += length;
        return true;
    }
}
