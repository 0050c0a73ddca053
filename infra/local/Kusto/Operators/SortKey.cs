namespace Serverless.Local.Kusto;

/// <summary>What rows are ordered by. NaN sits with the nulls.</summary>
internal readonly record struct SortKey(BoundExpression Key, bool Descending, bool NullsFirst);
