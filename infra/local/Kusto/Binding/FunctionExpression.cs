namespace Serverless.Local.Kusto;

/// <summary>A function over vectors, applied.</summary>
internal sealed class FunctionExpression(KustoType type, VectorFunction function, bool isConstant, bool isWindow, params BoundExpression[] arguments)
    : BoundExpression(type)
{
    public override IReadOnlyList<BoundExpression> Operands => arguments;

    public override bool IsConstant => isConstant && base.IsConstant;

    public override bool IsWindow => isWindow || base.IsWindow;

    public override Column Evaluate(Batch batch, QueryContext context)
    {
        var columns = new Column[arguments.Length];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = arguments[i].Evaluate(batch, context);
        return function(columns, batch.Count, context);
    }
}
