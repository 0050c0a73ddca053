namespace Serverless.Local.Kusto;

/// <summary>An expression as another type.</summary>
internal sealed class ConvertExpression : BoundExpression
{
    private readonly BoundExpression _operand;

    private ConvertExpression(BoundExpression operand, KustoType type)
        : base(type) => _operand = operand;

    public override IReadOnlyList<BoundExpression> Operands => [_operand];

    public static BoundExpression To(BoundExpression operand, KustoType type)
    {
        if (operand.Type == type)
            return operand;
        return operand is ConstantExpression constant
            ? new ConstantExpression(Conversion.To(constant.Value, type), type)
            : new ConvertExpression(operand, type);
    }

    public override Column Evaluate(Batch batch, QueryContext context) => Conversion.Convert(_operand.Evaluate(batch, context), Type);
}
