namespace Serverless.Local.Kusto;

/// <summary>A level of top-nested: the groups of an expression, so many of them, in the order of an aggregate.</summary>
internal sealed record TopNestedLevel(BoundExpression Of, BoundAggregate By, long Count, bool Descending);
