using System.Text;
using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Search;

/// <summary>
/// The names of services, operations and keys that went by, numbered. Names repeat from batch to batch, so their strings are kept
/// between batches.
/// </summary>
internal sealed class NameTable
{
    private const int MostKeptNames = 1 << 15;

    private readonly TextTable _texts = new();
    private readonly List<Name> _names = [];

    public NameTable() => _names.Add(new Name("", 0, SearchTerms.TextHash("")));

    /// <summary>Forgets all names if there are very many; only between batches.</summary>
    public void Trim()
    {
        if (_names.Count <= MostKeptNames)
            return;
        _texts.Reset();
        _names.RemoveRange(1, _names.Count - 1);
    }

    /// <summary>The number of a name.</summary>
    public int Add(ReadOnlySpan<byte> utf8)
    {
        var id = _texts.Add(utf8);
        if (id < _names.Count)
            return id;
        var lower = SearchTerms.Lower(utf8);
        _names.Add(null!);
        // The lower-cased name may be this one, or come to be added by the call: numbers are given in order.
        var lowerId = lower.AsSpan().SequenceEqual(utf8) ? id : Add(lower);
        _names[id] = new Name(Encoding.UTF8.GetString(utf8), lowerId, SearchTerms.TextHash(lower));
        return id;
    }

    /// <summary>A name as it was sent.</summary>
    public string Text(int id) => _names[id].Text;

    /// <summary>The number of the name in lower case.</summary>
    public int Lower(int id) => _names[id].LowerId;

    /// <summary>The hash of the name in lower case.</summary>
    public ulong LowerHash(int id) => _names[id].LowerHash;

    private sealed record Name(string Text, int LowerId, ulong LowerHash);
}
