using System.Diagnostics.CodeAnalysis;

namespace Serverless.Local.Kusto;

/// <summary>A property bag: names in the order in which they came, each once. Not changed after it was built.</summary>
internal sealed class DynamicBag
{
    /// <summary>Up to here a scan over the names is faster than an index.</summary>
    private const int ScannedEntries = 12;

    private readonly List<KeyValuePair<string, Value>> _entries = [];
    private Dictionary<string, int>? _index;

    public int Count => _entries.Count;

    public IReadOnlyList<KeyValuePair<string, Value>> Entries => _entries;

    /// <summary>Sets a name; a later value of the same name takes the place of the earlier.</summary>
    public void Set(string name, Value value)
    {
        var at = Find(name);
        if (at >= 0)
        {
            _entries[at] = new(name, value);
            return;
        }
        _entries.Add(new(name, value));
        if (_index is not null)
            _index[name] = _entries.Count - 1;
        else if (_entries.Count > ScannedEntries)
            _index = _entries.Select((entry, i) => (entry.Key, i)).ToDictionary(pair => pair.Key, pair => pair.i, StringComparer.Ordinal);
    }

    public bool TryGet(string name, [MaybeNullWhen(false)] out Value value)
    {
        var at = Find(name);
        value = at >= 0 ? _entries[at].Value : default;
        return at >= 0;
    }

    public bool Contains(string name) => Find(name) >= 0;

    private int Find(string name)
    {
        if (_index is not null)
            return _index.GetValueOrDefault(name, -1);
        for (var i = 0; i < _entries.Count; i++)
        {
            if (_entries[i].Key == name)
                return i;
        }
        return -1;
    }
}
