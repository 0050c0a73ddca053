namespace Serverless.Local.Kusto;

/// <summary>A token: its text (of a quoted name, the name), where it starts and ends, and of a literal its value and type.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Start, int End, Value Value = default, KustoType Type = KustoType.Dynamic)
{
    /// <summary>As messages show it.</summary>
    public string Shown => Kind == TokenKind.End ? "end of query" : $"'{(Text.Length > 40 ? Text[..40] + "…" : Text)}'";
}
