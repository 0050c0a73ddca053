namespace Serverless.Local.Kusto;

/// <summary>The columns of a table or of a step of a query, in order; names are case-sensitive and each there once.</summary>
internal sealed class Schema
{
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

    public Schema(IEnumerable<ColumnSchema> columns)
    {
        Columns = columns.ToArray();
        for (var i = 0; i < Columns.Count; i++)
            _index.TryAdd(Columns[i].Name, i);
    }

    public static Schema Empty { get; } = new([]);

    public IReadOnlyList<ColumnSchema> Columns { get; }

    public int Count => Columns.Count;

    public ColumnSchema this[int ordinal] => Columns[ordinal];

    /// <summary>The column's ordinal, or -1.</summary>
    public int Find(string name) => _index.GetValueOrDefault(name, -1);

    public Schema With(params IEnumerable<ColumnSchema> more) => new(Columns.Concat(more));
}
