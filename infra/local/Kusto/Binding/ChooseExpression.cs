namespace Serverless.Local.Kusto;

/// <summary>iff and case: for each row the value of the first condition that holds, or the last value.</summary>
internal sealed class ChooseExpression(KustoType type, IReadOnlyList<BoundExpression> conditions, IReadOnlyList<BoundExpression> values) : BoundExpression(type)
{
    public override IReadOnlyList<BoundExpression> Operands => [.. conditions, .. values];

    public override Column Evaluate(Batch batch, QueryContext context)
    {
        var tests = conditions.Select(condition => (VectorColumn<bool>)condition.Evaluate(batch, context)).ToArray();
        var columns = values.Select(value => value.Evaluate(batch, context)).ToArray();
        var builder = ColumnBuilder.Create(Type, batch.Count);
        for (var row = 0; row < batch.Count; row++)
        {
            var choice = 0;
            while (choice < tests.Length && !(tests[choice].At(row) && !tests[choice].NullAt(row)))
                choice++;
            builder.Append(columns[choice][row]);
        }
        return builder.Build();
    }
}
