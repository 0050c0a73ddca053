namespace Serverless.Local.Kusto;

/// <summary>A place in a query's text: line and column, both from 1.</summary>
internal readonly record struct TextPosition(int Line, int Column);
