namespace Serverless.Local.Kusto;

/// <summary>union: the rows of all inputs; a column that an input does not have is null, a name whose types differ is there once per type.</summary>
internal sealed class UnionNode : PlanNode
{
    private readonly IReadOnlyList<PlanNode> _inputs;
    private readonly int[][] _sources;
    private readonly IReadOnlyList<string>? _names;

    private UnionNode(Schema schema, IReadOnlyList<PlanNode> inputs, int[][] sources, IReadOnlyList<string>? names)
        : base(schema) => (_inputs, _sources, _names) = (inputs, sources, names);

    public override IReadOnlyList<PlanNode> Inputs => _inputs;

    /// <param name="inputs">What is put together.</param>
    /// <param name="names">The inputs' names, for the column <paramref name="withSource"/>.</param>
    /// <param name="withSource">The column that says where a row is from, if there shall be one.</param>
    /// <param name="inner">Whether only columns that all inputs have are kept.</param>
    public static UnionNode Of(IReadOnlyList<PlanNode> inputs, IReadOnlyList<string> names, string? withSource, bool inner)
    {
        var columns = new List<(string Name, KustoType Type)>();
        foreach (var column in inputs.SelectMany(input => input.Schema.Columns))
        {
            if (!columns.Contains((column.Name, column.Type)))
                columns.Add((column.Name, column.Type));
        }
        if (inner)
            columns.RemoveAll(column => !inputs.All(input => input.Schema.Columns.Contains(new ColumnSchema(column.Name, column.Type))));
        var ambiguous = columns.GroupBy(column => column.Name).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        var schema = columns.Select(column => new ColumnSchema(ambiguous.Contains(column.Name) ? $"{column.Name}_{column.Type.Name()}" : column.Name, column.Type));
        if (withSource is not null)
            schema = schema.Prepend(new ColumnSchema(withSource, KustoType.String));
        var sources = inputs.Select(input => columns.Select(column =>
        {
            var ordinal = input.Schema.Find(column.Name);
            return ordinal >= 0 && input.Schema[ordinal].Type == column.Type ? ordinal : -1;
        }).ToArray()).ToArray();
        return new UnionNode(new Schema(schema), inputs, sources, withSource is null ? null : names);
    }

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        for (var i = 0; i < _inputs.Count; i++)
        {
            foreach (var batch in _inputs[i].Execute(context))
            {
                context.Check();
                var columns = new List<Column>(Schema.Count);
                if (_names is not null)
                    columns.Add(Column.Constant(KustoType.String, Value.String(_names[i]), batch.Count));
                foreach (var ordinal in _sources[i])
                    columns.Add(ordinal >= 0 ? batch.Columns[ordinal] : Column.Nulls(Schema[columns.Count].Type, batch.Count));
                yield return new Batch([.. columns], batch.Count);
            }
        }
    }

    protected override void RequireInputs(bool[] required)
    {
        var shift = _names is null ? 0 : 1;
        for (var i = 0; i < _inputs.Count; i++)
        {
            var needed = new bool[_inputs[i].Schema.Count];
            for (var k = 0; k < _sources[i].Length; k++)
            {
                if (required[k + shift] && _sources[i][k] >= 0)
                    needed[_sources[i][k]] = true;
            }
            _inputs[i].Require(needed);
        }
    }
}
