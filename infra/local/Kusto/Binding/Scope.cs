using System.Diagnostics.CodeAnalysis;

namespace Serverless.Local.Kusto;

/// <summary>Names that let statements and parameters have given; inner scopes see outer ones.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, ScopeEntry> _entries = new(StringComparer.Ordinal);

    public void Set(string name, ScopeEntry entry) => _entries[name] = entry;

    public bool TryGet(string name, [MaybeNullWhen(false)] out ScopeEntry entry)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._entries.TryGetValue(name, out entry))
                return true;
        }
        entry = null;
        return false;
    }

    /// <summary>All that can be seen, the nearest first.</summary>
    public IEnumerable<(string Name, ScopeEntry Entry)> Visible()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            foreach (var (name, entry) in scope._entries)
            {
                if (seen.Add(name))
                    yield return (name, entry);
            }
        }
    }

    private Scope? Outer { get; } = outer;
}
