namespace Serverless.Local.Kusto;

/// <summary>A value.</summary>
internal sealed class ConstantExpression(Value value, KustoType type) : BoundExpression(type)
{
    public Value Value { get; } = value;

    public override bool IsConstant => true;

    public override Column Evaluate(Batch batch, QueryContext context) => Column.Constant(Type, Value, batch.Count);
}
