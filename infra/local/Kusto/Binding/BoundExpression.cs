namespace Serverless.Local.Kusto;

/// <summary>A scalar expression whose names and types are settled. It is evaluated over a batch at once.</summary>
internal abstract class BoundExpression(KustoType type)
{
    public KustoType Type { get; } = type;

    /// <summary>Whether it is the same for all rows and every run within the query.</summary>
    public virtual bool IsConstant => Operands.All(operand => operand.IsConstant);

    /// <summary>Whether it looks at other rows than its own (prev, row_number), so that all rows must be there in order.</summary>
    public virtual bool IsWindow => Operands.Any(operand => operand.IsWindow);

    public virtual IReadOnlyList<BoundExpression> Operands => [];

    public abstract Column Evaluate(Batch batch, QueryContext context);

    /// <summary>Marks the columns that it reads.</summary>
    public virtual void Require(bool[] columns)
    {
        foreach (var operand in Operands)
            operand.Require(columns);
    }
}
