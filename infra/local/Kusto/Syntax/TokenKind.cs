namespace Serverless.Local.Kusto;

/// <summary>The kinds of token.</summary>
internal enum TokenKind : byte
{
    End,
    Identifier,

    /// <summary>A name in brackets and quotes: ['a name'].</summary>
    QuotedName,

    /// <summary>A literal whose value the lexer read.</summary>
    Literal,

    /// <summary>Operators and brackets.</summary>
    Punctuation,
}
