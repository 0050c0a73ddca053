namespace Serverless.Local.Kusto;

/// <summary>A step of scan: what a row must be like, and what it then sets.</summary>
internal sealed record ScanStep(BoundExpression Condition, IReadOnlyList<(int Ordinal, BoundExpression Value)> Assignments);
