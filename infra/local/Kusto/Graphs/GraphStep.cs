namespace Serverless.Local.Kusto;

/// <summary>An edge of a pattern between two node variables.</summary>
internal sealed record GraphStep(int From, int To, int Edge, GraphEdgeSyntax Syntax);
