using System.Text;

namespace Serverless.Tracing.Aggregation;

/// <summary>The names of services and operations, numbered.</summary>
internal sealed class AggregateNames
{
    private readonly List<string> _texts = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _numbersBySpan;
    private string? _last;
    private int _lastNumber;

    public AggregateNames()
    {
        _numbersBySpan = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        Other = Number(AggregateName.Other);
    }

    /// <summary>The number of <see cref="AggregateName.Other"/>.</summary>
    public int Other { get; }

    public List<string> Texts => _texts;

    /// <summary>The number of a name.</summary>
    public int Number(string name)
    {
        if (name.Length > AggregateName.MaxChars)
            return NumberOfCut(name);
        if (_numbers.TryGetValue(name, out var number))
            return number;
        _numbers.Add(name, _texts.Count);
        _texts.Add(name);
        return _texts.Count - 1;
    }

    /// <summary>The same, quick for a name that is asked for again and again: a service's spans come with one string.</summary>
    public int NumberOfRepeated(string name)
    {
        if (ReferenceEquals(name, _last))
            return _lastNumber;
        _lastNumber = Number(name);
        _last = name;
        return _lastNumber;
    }

    /// <summary>About the bytes that a name takes where it is stored.</summary>
    public int BytesOf(int number) => Encoding.UTF8.GetByteCount(_texts[number]) + 2;

    public void Clear()
    {
        _last = null;
        _texts.Clear();
        _numbers.Clear();
        Number(AggregateName.Other);
    }

    private int NumberOfCut(string name)
    {
        var cut = AggregateName.Of(name);
        return _numbersBySpan.TryGetValue(cut, out var number) ? number : Number(cut.ToString());
    }
}
