namespace Serverless.Local.Kusto;

/// <summary>A column of the input.</summary>
internal sealed class ColumnExpression(int ordinal, string name, KustoType type) : BoundExpression(type)
{
    public int Ordinal { get; } = ordinal;

    public string Name { get; } = name;

    public override bool IsConstant => false;

    public override Column Evaluate(Batch batch, QueryContext context) => batch.Columns[Ordinal];

    public override void Require(bool[] columns) => columns[Ordinal] = true;
}
