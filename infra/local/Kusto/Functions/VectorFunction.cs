namespace Serverless.Local.Kusto;

/// <summary>Makes a column of so many rows from the arguments' columns.</summary>
internal delegate Column VectorFunction(Column[] arguments, int count, QueryContext context);
