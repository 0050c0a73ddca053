namespace Serverless.Local.Kusto;

/// <summary>What a name stands for.</summary>
internal abstract record ScopeEntry;

/// <summary>A scalar. One that is no constant belongs to the rows of its owner, and means nothing elsewhere.</summary>
internal sealed record ScalarEntry(BoundExpression Expression, object? Owner) : ScopeEntry;

internal sealed record TableEntry(PlanNode Plan) : ScopeEntry;

internal sealed record FunctionEntry(FunctionSyntax Syntax, Scope Scope) : ScopeEntry;

internal sealed record PatternEntry(PatternSyntax Syntax, Scope Scope) : ScopeEntry;

internal sealed record GraphEntry(GraphPlan Graph) : ScopeEntry;
