using Serverless.Functions.Assembling;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Aggregates;

/// <summary>The rows of aggregates of a kind and an hour in one table and partition.</summary>
internal sealed class HourRows
{
    private readonly List<StoredRow> _rows = [];
    private readonly List<(string RowKey, MergeNote Note)> _notes = [];
    private readonly HashSet<string> _merged = new(StringComparer.Ordinal);

    /// <summary>The notes of what was merged.</summary>
    public IReadOnlyList<(string RowKey, MergeNote Note)> Notes => _notes;

    /// <summary>The rows that count: those that no note says were merged into others.</summary>
    public IEnumerable<StoredRow> Counting => _rows.Where(row => !_merged.Contains(row.RowKey));

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
        if (!AggregateKeys.IsNote(row.RowKey))
        {
            _rows.Add(row);
            return;
        }

        var note = MergeNote.FromRow(row, Prefix);
        _notes.Add((row.RowKey, note));
        _merged.UnionWith(note.Sources);
    }

    /// <summary>Forgets all rows.</summary>
    public void Reset()
    {
        _rows.Clear();
        _notes.Clear();
        _merged.Clear();
        Prefix = "";
    }
}
