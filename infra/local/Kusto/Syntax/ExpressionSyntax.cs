namespace Serverless.Local.Kusto;

/// <summary>An expression, scalar or tabular, and where in the text it starts.</summary>
internal abstract record ExpressionSyntax(int At);

internal sealed record LiteralSyntax(int At, Value Value, KustoType Type) : ExpressionSyntax(At);

internal sealed record NameSyntax(int At, string Name) : ExpressionSyntax(At);

/// <summary>A star, alone or in a name (T*).</summary>
internal sealed record WildcardSyntax(int At, string Pattern) : ExpressionSyntax(At);

/// <summary>Access by name: a.b.</summary>
internal sealed record MemberSyntax(int At, ExpressionSyntax Target, string Name) : ExpressionSyntax(At);

/// <summary>Access by an index or a computed name: a[b].</summary>
internal sealed record IndexSyntax(int At, ExpressionSyntax Target, ExpressionSyntax Index) : ExpressionSyntax(At);

internal sealed record ArgumentSyntax(string? Name, ExpressionSyntax Value);

internal sealed record CallSyntax(int At, string Name, IReadOnlyList<ArgumentSyntax> Arguments) : ExpressionSyntax(At);

internal sealed record UnarySyntax(int At, string Operator, ExpressionSyntax Operand) : ExpressionSyntax(At);

internal sealed record BinarySyntax(int At, string Operator, ExpressionSyntax Left, ExpressionSyntax Right) : ExpressionSyntax(At);

/// <summary>A chain of and, or of or.</summary>
internal sealed record LogicSyntax(int At, bool IsAnd, IReadOnlyList<ExpressionSyntax> Operands) : ExpressionSyntax(At);

/// <summary>in, has_any and the like, with the list on the right.</summary>
internal sealed record ListOperatorSyntax(int At, string Operator, ExpressionSyntax Left, IReadOnlyList<ExpressionSyntax> Items) : ExpressionSyntax(At);

internal sealed record BetweenSyntax(int At, bool Negated, ExpressionSyntax Operand, ExpressionSyntax From, ExpressionSyntax To) : ExpressionSyntax(At);

/// <summary>A source and what is piped through.</summary>
internal sealed record PipelineSyntax(int At, ExpressionSyntax Source, IReadOnlyList<OperatorSyntax> Operators) : ExpressionSyntax(At);

/// <summary>A source that is an operator itself: print, range, datatable, union, search.</summary>
internal sealed record SourceOperatorSyntax(int At, OperatorSyntax Operator) : ExpressionSyntax(At);
