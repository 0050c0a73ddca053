using System.Runtime.CompilerServices;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// Values by key, in the order in which the keys came. Most traces have a handful of services, links and hosts: those are found by looking at each, which
/// neither hashes nor makes a dictionary; what has more gets one.
/// </summary>
internal sealed class SmallTable<TKey, TValue>
    where TKey : notnull, IEquatable<TKey>
{
    private const int FirstItems = 4;
    private const int MostLookedAt = 12;

    private (TKey Key, TValue Value)[] _items = new (TKey, TValue)[FirstItems];
    private Dictionary<TKey, int>? _index;

    public int Count { get; private set; }

    /// <summary>The keys with their values.</summary>
    public Span<(TKey Key, TValue Value)> Items => _items.AsSpan(0, Count);

    /// <summary>The value of a key, which is added with the default where it is not there. Good until the next is added.</summary>
    public ref TValue Of(TKey key, out bool exists)
    {
        var at = Find(key);
        exists = at >= 0;
        if (!exists)
            at = Add(key);
        return ref _items[at].Value;
    }

    private int Find(TKey key)
    {
        if (_index is not null)
            return _index.TryGetValue(key, out var known) ? known : -1;
        for (var i = 0; i < Count; i++)
        {
            if (_items[i].Key.Equals(key))
                return i;
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Add(TKey key)
    {
        if (Count == _items.Length)
            Array.Resize(ref _items, Count * 2);
        _items[Count] = (key, default!);
        if (_index is not null)
            _index.Add(key, Count);
        else if (Count == MostLookedAt)
            MakeIndex();
        return Count++;
    }

    private void MakeIndex()
    {
        _index = new Dictionary<TKey, int>(2 * MostLookedAt);
        for (var i = 0; i <= Count; i++)
            _index.Add(_items[i].Key, i);
    }
}
