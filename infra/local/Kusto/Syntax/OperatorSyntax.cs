namespace Serverless.Local.Kusto;

/// <summary>A tabular operator, and where in the text it starts.</summary>
internal abstract record OperatorSyntax(int At);

/// <summary>An expression with the names that it is given, if any.</summary>
internal sealed record NamedExpressionSyntax(IReadOnlyList<string> Names, ExpressionSyntax Value);

internal sealed record OrderSyntax(ExpressionSyntax Key, bool Descending, bool NullsFirst);

internal sealed record DeclarationSyntax(string Name, KustoType Type, ExpressionSyntax? Default, int At);

internal sealed record WhereSyntax(int At, ExpressionSyntax Condition) : OperatorSyntax(At);

internal sealed record ExtendSyntax(int At, IReadOnlyList<NamedExpressionSyntax> Columns, bool Serialize) : OperatorSyntax(At);

internal sealed record ProjectSyntax(int At, IReadOnlyList<NamedExpressionSyntax> Columns) : OperatorSyntax(At);

internal sealed record PrintSyntax(int At, IReadOnlyList<NamedExpressionSyntax> Columns) : OperatorSyntax(At);

/// <summary>project-away, project-keep, project-reorder (which has orders), project-by-names.</summary>
internal sealed record ProjectNamesSyntax(int At, string Kind, IReadOnlyList<OrderSyntax> Columns) : OperatorSyntax(At);

internal sealed record SummarizeSyntax(int At, IReadOnlyList<NamedExpressionSyntax> Aggregates, IReadOnlyList<NamedExpressionSyntax> Keys) : OperatorSyntax(At);

internal sealed record SortSyntax(int At, IReadOnlyList<OrderSyntax> Keys) : OperatorSyntax(At);

internal sealed record TopSyntax(int At, ExpressionSyntax Count, IReadOnlyList<OrderSyntax> Keys) : OperatorSyntax(At);

internal sealed record TakeSyntax(int At, ExpressionSyntax Count) : OperatorSyntax(At);

internal sealed record CountSyntax(int At) : OperatorSyntax(At);

internal sealed record DistinctSyntax(int At, IReadOnlyList<NamedExpressionSyntax> Columns) : OperatorSyntax(At);

internal sealed record DatatableSyntax(int At, IReadOnlyList<DeclarationSyntax> Columns, IReadOnlyList<ExpressionSyntax> Values) : OperatorSyntax(At);

internal sealed record RangeSyntax(int At, string Name, ExpressionSyntax From, ExpressionSyntax To, ExpressionSyntax Step) : OperatorSyntax(At);

internal sealed record JoinSyntax(int At, string Kind, bool IsLookup, ExpressionSyntax Right, IReadOnlyList<ExpressionSyntax> On) : OperatorSyntax(At);

internal sealed record UnionSyntax(int At, bool Inner, string? WithSource, bool IsFuzzy, IReadOnlyList<ExpressionSyntax> Tables) : OperatorSyntax(At);

internal sealed record ExpandColumnSyntax(string? Name, ExpressionSyntax Value, KustoType? Type, int At);

/// <summary>mv-expand, and mv-apply where it has a subquery.</summary>
internal sealed record ExpandSyntax(
    int At, bool ArrayOfPairs, string? ItemIndex, IReadOnlyList<ExpandColumnSyntax> Columns, ExpressionSyntax? Limit, IReadOnlyList<OperatorSyntax>? Subquery) : OperatorSyntax(At);

/// <summary>A part of a pattern: a text, a column, or a star.</summary>
internal sealed record ParsePartSyntax(string? Text, string? Column, KustoType Type, bool IsStar, int At);

internal sealed record ParseSyntax(int At, bool FilterRows, string Kind, string Flags, ExpressionSyntax Source, IReadOnlyList<ParsePartSyntax> Parts) : OperatorSyntax(At);

internal sealed record ParseKeyValueSyntax(
    int At, ExpressionSyntax Source, IReadOnlyList<DeclarationSyntax> Columns, IReadOnlyDictionary<string, ExpressionSyntax> Options) : OperatorSyntax(At);

internal sealed record InvokeSyntax(int At, CallSyntax Call) : OperatorSyntax(At);

internal sealed record PartitionSyntax(int At, ExpressionSyntax Key, IReadOnlyList<OperatorSyntax> Subquery) : OperatorSyntax(At);

internal sealed record EvaluateSyntax(int At, CallSyntax Call) : OperatorSyntax(At);

internal sealed record ScanStepSyntax(string Name, ExpressionSyntax Condition, IReadOnlyList<NamedExpressionSyntax> Assignments, int At);

internal sealed record ScanSyntax(int At, string? MatchId, IReadOnlyList<DeclarationSyntax> Declarations, IReadOnlyList<ScanStepSyntax> Steps) : OperatorSyntax(At);

internal sealed record TopNestedClauseSyntax(ExpressionSyntax? Count, NamedExpressionSyntax Of, NamedExpressionSyntax By, bool Descending, int At);

internal sealed record TopNestedSyntax(int At, IReadOnlyList<TopNestedClauseSyntax> Clauses) : OperatorSyntax(At);

internal sealed record SearchSyntax(int At, bool CaseSensitive, IReadOnlyList<ExpressionSyntax> Tables, ExpressionSyntax Condition) : OperatorSyntax(At);

internal sealed record ReduceSyntax(int At, ExpressionSyntax By, ExpressionSyntax? Threshold, ExpressionSyntax? Characters) : OperatorSyntax(At);

internal sealed record SeriesColumnSyntax(NamedExpressionSyntax Aggregate, ExpressionSyntax? Default);

internal sealed record MakeSeriesSyntax(
    int At, IReadOnlyList<SeriesColumnSyntax> Columns, NamedExpressionSyntax Axis, ExpressionSyntax? From, ExpressionSyntax? To, ExpressionSyntax Step,
    IReadOnlyList<NamedExpressionSyntax> Keys) : OperatorSyntax(At);

/// <summary>Operators without arguments that the engine needs: getschema, consume, and those that change nothing (render, as).</summary>
internal sealed record SimpleSyntax(int At, string Kind, string? Argument) : OperatorSyntax(At);

internal sealed record MakeGraphSyntax(
    int At, string Source, string Target, IReadOnlyList<(ExpressionSyntax Table, string Column)> Nodes, string? NodeIdName) : OperatorSyntax(At);

/// <summary>A node of a path; its name is null where it was left out.</summary>
internal sealed record GraphNodeSyntax(string? Name);

/// <summary>An edge of a path: to the right, to the left, or either; of a fixed length 1, or between two lengths.</summary>
internal sealed record GraphEdgeSyntax(string? Name, bool Right, bool Left, int Min, int Max, bool IsVariable);

internal sealed record GraphPathSyntax(IReadOnlyList<GraphNodeSyntax> Nodes, IReadOnlyList<GraphEdgeSyntax> Edges);

internal sealed record GraphMatchSyntax(
    int At, bool ShortestPaths, string Option, IReadOnlyList<GraphPathSyntax> Paths, ExpressionSyntax? Condition, IReadOnlyList<NamedExpressionSyntax> Columns) : OperatorSyntax(At);

internal sealed record GraphComponentsSyntax(int At, string Kind, string Name) : OperatorSyntax(At);

internal sealed record GraphToTableSyntax(int At, bool Nodes, string? IdName) : OperatorSyntax(At);
