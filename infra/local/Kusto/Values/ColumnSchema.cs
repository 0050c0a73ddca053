namespace Serverless.Local.Kusto;

/// <summary>A column's name and type.</summary>
internal readonly record struct ColumnSchema(string Name, KustoType Type);
