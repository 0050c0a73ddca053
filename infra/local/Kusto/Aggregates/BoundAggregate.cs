namespace Serverless.Local.Kusto;

/// <summary>An aggregate in a query: its arguments, the columns that it gives, and how to start one.</summary>
internal sealed record BoundAggregate(IReadOnlyList<BoundExpression> Arguments, IReadOnlyList<ColumnSchema> Columns, Func<Aggregator> Create);
