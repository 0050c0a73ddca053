namespace Serverless.Local.Kusto;

/// <summary>A statement, and where in the text it starts.</summary>
internal abstract record StatementSyntax(int At);

internal sealed record LetSyntax(int At, string Name, ExpressionSyntax Value) : StatementSyntax(At);

internal sealed record LetFunctionSyntax(int At, string Name, FunctionSyntax Function) : StatementSyntax(At);

internal sealed record SetSyntax(int At, string Name, ExpressionSyntax? Value) : StatementSyntax(At);

internal sealed record QueryParametersSyntax(int At, IReadOnlyList<DeclarationSyntax> Parameters) : StatementSyntax(At);

internal sealed record PatternCaseSyntax(IReadOnlyList<Value> Arguments, string? Path, FunctionBodySyntax Body);

internal sealed record PatternSyntax(int At, string Name, IReadOnlyList<PatternCaseSyntax> Cases) : StatementSyntax(At);

internal sealed record ExpressionStatementSyntax(int At, ExpressionSyntax Value) : StatementSyntax(At);

/// <summary>A parameter: a scalar with its type, or a table with the columns that it must have (any, for (*)).</summary>
internal sealed record ParameterSyntax(string Name, KustoType? Type, IReadOnlyList<DeclarationSyntax>? Columns, ExpressionSyntax? Default);

internal sealed record FunctionSyntax(IReadOnlyList<ParameterSyntax> Parameters, FunctionBodySyntax Body, bool IsView);

/// <summary>Statements, of which the last gives the result.</summary>
internal sealed record FunctionBodySyntax(IReadOnlyList<StatementSyntax> Statements, ExpressionSyntax? Result);
