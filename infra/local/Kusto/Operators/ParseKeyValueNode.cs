namespace Serverless.Local.Kusto;

/// <summary>parse-kv: columns out of a text's pairs; a key that is not there gives null.</summary>
internal sealed class ParseKeyValueNode(PlanNode input, Schema schema, BoundExpression source, KeyValueReader reader, ColumnSchema[] keys, int[] ordinals) : PlanNode(schema)
{
    public override bool IsSerialized => input.IsSerialized;

    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        foreach (var batch in input.Execute(context))
        {
            context.Check();
            var texts = (VectorColumn<string>)source.Evaluate(batch, context);
            var builders = keys.Select(key => ColumnBuilder.Create(key.Type, batch.Count)).ToArray();
            for (var row = 0; row < batch.Count; row++)
            {
                var pairs = reader.Read(texts.At(row));
                for (var i = 0; i < keys.Length; i++)
                    builders[i].Append(pairs.TryGetValue(keys[i].Name, out var text) ? Conversion.To(Value.String(text), keys[i].Type) : Value.Null);
            }
            var columns = new Column[Schema.Count];
            batch.Columns.CopyTo(columns, 0);
            for (var i = 0; i < builders.Length; i++)
                columns[ordinals[i]] = builders[i].Build();
            yield return new Batch(columns, batch.Count);
        }
    }
}
