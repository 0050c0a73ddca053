using Serverless.Functions.Assembling;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Aggregates;

/// <summary>The rows of aggregates of a kind and an hour in one table and partition.</summary>
internal sealed class HourRows
{
    private readonly List<StoredRow> _rows = [];
    private readonly List<(string RowKey, MergeNote Note)> _notes = [];

    /// <summary>The notes of what was merged.</summary>
    public IReadOnlyList<(string RowKey, MergeNote Note)> Notes => _notes;

    /// <summary>What the keys of all rows begin with; empty where there are none.</summary>
    public string Prefix { get; private set; } = "";

    /// <summary>True where the row is of another hour than those before it.</summary>
    public bool Ends(StoredRow row) => Prefix.Length > 0 && !row.RowKey.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Adds a row.</summary>
    /// <exception cref="FormatException">It is a note that is damaged.</exception>
    public void Add(StoredRow row)
    {
        if (Prefix.Length == 0)
            Prefix = AggregateKeys.PrefixOf(row.RowKey);
        if (AggregateKeys.IsNote(row.RowKey))
            _notes.Add((row.RowKey, MergeNote.FromRow(row, Prefix)));
        else
            _rows.Add(row);
    }

    /// <summary>
    /// The rows that together count each item once, up to a last one: those that no note says were merged into others. What was merged of a later item
    /// too does not count, and its sources do, for they are deleted much later than they are merged.
    /// </summary>
    public IReadOnlyList<StoredRow> UpTo(long lastItem)
    {
        var merged = new HashSet<string>(StringComparer.Ordinal);
        var later = Later(lastItem);
        foreach (var (key, note) in _notes)
        {
            if (!later.Contains(AggregateKeys.HashOf(key)))
                merged.UnionWith(note.Sources);
        }

        return _rows.FindAll(row => !merged.Contains(row.RowKey)
            && (AggregateKeys.IsItem(row.RowKey, out var sequence) ? sequence <= lastItem : !later.Contains(AggregateKeys.HashOf(row.RowKey))));
    }

    /// <summary>Forgets all rows.</summary>
    public void Reset()
    {
        _rows.Clear();
        _notes.Clear();
        Prefix = "";
    }

    /// <summary>The hashes of what was merged of later items, or of what was.</summary>
    private HashSet<string> Later(long lastItem)
    {
        var later = new HashSet<string>(StringComparer.Ordinal);
        var before = -1;
        while (later.Count != before)
        {
            before = later.Count;
            foreach (var (key, note) in _notes)
            {
                if (note.Sources.Any(source => AggregateKeys.IsItem(source, out var sequence) ? sequence > lastItem : later.Contains(AggregateKeys.HashOf(source))))
                    later.Add(AggregateKeys.HashOf(key));
            }
        }

        return later;
    }
}
