using System.Text.RegularExpressions;

namespace Serverless.Local.Kusto;

/// <summary>parse: columns out of a text. Unless it is relaxed, one value that does not fit its type makes all of the row null.</summary>
internal sealed class ParseNode(PlanNode input, Schema schema, BoundExpression source, Regex regex, KustoType[] types, int[] ordinals, bool relaxed, bool filter) : PlanNode(schema)
{
    public override bool IsSerialized => input.IsSerialized;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        foreach (var batch in input.Execute(context))
        {
            context.Check();
            var texts = (VectorColumn<string>)source.Evaluate(batch, context);
            var builders = types.Select(type => ColumnBuilder.Create(type, batch.Count)).ToArray();
            var rows = new List<int>();
            for (var row = 0; row < batch.Count; row++)
            {
                var text = texts.At(row);
                var match = RegexCache.Run(() => regex.Match(text), regex.ToString());
                var values = Values(match);
                if (values is null && filter)
                    continue;
                rows.Add(row);
                for (var i = 0; i < builders.Length; i++)
                    builders[i].Append(values is null ? Value.Null : values[i]);
            }
            var kept = rows.Count == batch.Count ? batch : batch.Take(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows));
            var columns = new Column[Schema.Count];
            kept.Columns.CopyTo(columns, 0);
            for (var i = 0; i < builders.Length; i++)
                columns[ordinals[i]] = builders[i].Build();
            yield return new Batch(columns, kept.Count);
        }
    }

    private Value[]? Values(Match match)
    {
        if (!match.Success)
            return null;
        var values = new Value[types.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Conversion.To(Value.String(match.Groups[$"c{i}"].Value), types[i]);
            if (values[i].IsNull && !relaxed)
                return null;
        }
        return values;
    }
}
