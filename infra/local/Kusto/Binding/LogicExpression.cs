namespace Serverless.Local.Kusto;

/// <summary>and, or: three-valued, so that false and null is false, and true or null is true.</summary>
internal sealed class LogicExpression(bool isAnd, IReadOnlyList<BoundExpression> operands) : BoundExpression(KustoType.Bool)
{
    public bool IsAnd => isAnd;

    public override IReadOnlyList<BoundExpression> Operands => operands;

    public override Column Evaluate(Batch batch, QueryContext context)
    {
        var values = new bool[batch.Count];
        Array.Fill(values, isAnd);
        bool[]? nulls = null;
        foreach (var operand in operands)
        {
            var column = (VectorColumn<bool>)operand.Evaluate(batch, context);
            for (var i = 0; i < values.Length; i++)
            {
                if (column.NullAt(i))
                {
                    if (values[i] == isAnd)
                        (nulls ??= new bool[batch.Count])[i] = true;
                }
                else if (column.At(i) != isAnd)
                {
                    // Decided: nothing that follows, and no null before, changes it.
                    values[i] = !isAnd;
                    if (nulls is not null)
                        nulls[i] = false;
                }
            }
        }
        return new VectorColumn<bool>(KustoType.Bool, values, nulls, batch.Count);
    }
}
