namespace Serverless.Local.Kusto;

/// <summary>
/// reduce: groups texts by what their terms have in common. Heuristic, as the service's: texts with the same first term, and the same number of
/// terms, make a pattern in which differing terms are stars.
/// </summary>
internal sealed class ReduceNode(PlanNode input, BoundExpression by, string characters)
    : PlanNode(new Schema([new("Pattern", KustoType.String), new("Count", KustoType.Long), new("Representative", KustoType.String)]))
{
    public override IReadOnlyList<PlanNode> Inputs => [input];

    public override IEnumerable<Batch> Execute(QueryContext context)
    {
        var patterns = new Dictionary<string, (List<string?> Terms, long Count, string First)>(StringComparer.Ordinal);
        foreach (var batch in input.Execute(context))
        {
            context.Check();
            var texts = (VectorColumn<string>)by.Evaluate(batch, context);
            for (var i = 0; i < batch.Count; i++)
                Add(patterns, texts.At(i));
        }
        var builders = Schema.Columns.Select(column => ColumnBuilder.Create(column.Type)).ToArray();
        foreach (var (terms, count, first) in patterns.Values.OrderByDescending(pattern => pattern.Count))
        {
            builders[0].Append(Value.String(string.Concat(terms.Select(term => term ?? "*"))));
            builders[1].Append(Value.Long(count));
            builders[2].Append(Value.String(first));
        }
        if (patterns.Count > 0)
            yield return new Batch(builders.Select(builder => builder.Build()).ToArray(), patterns.Count);
    }

    private void Add(Dictionary<string, (List<string?> Terms, long Count, string First)> patterns, string text)
    {
        var terms = Terms(text);
        var key = $"{terms.Count} {(terms.Count > 0 ? terms[0] : "")}";
        if (!patterns.TryGetValue(key, out var pattern))
        {
            patterns[key] = (terms, 1, text);
            return;
        }
        for (var i = 0; i < terms.Count; i++)
        {
            if (pattern.Terms[i] != terms[i])
                pattern.Terms[i] = null;
        }
        patterns[key] = pattern with { Count = pattern.Count + 1 };
    }

    /// <summary>Runs of letters and digits; the characters given end a term and are no part of any.</summary>
    private List<string?> Terms(string text)
    {
        var terms = new List<string?>();
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            var ends = i == text.Length || characters.Contains(text[i]) || !char.IsLetterOrDigit(text[i]);
            if (!ends)
                continue;
            if (i > start)
                terms.Add(text[start..i]);
            if (i < text.Length && !characters.Contains(text[i]))
                terms.Add(text[i].ToString());
            start = i + 1;
        }
        return terms;
    }
}
