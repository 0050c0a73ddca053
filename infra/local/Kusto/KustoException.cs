namespace Serverless.Local.Kusto;

/// <summary>A query was refused or failed; the message is the service's, with the line and the column (from 1) where it is known.</summary>
internal sealed class KustoException : Exception
{
    private KustoException(KustoErrorKind kind, string code, string message, int line, int column)
        : base(message)
    {
        Kind = kind;
        Code = code;
        Line = line;
        Column = column;
    }

    public KustoErrorKind Kind { get; }

    /// <summary>The error's code, e.g. SYN0002.</summary>
    public string Code { get; }

    /// <summary>The line from 1; 0 where the error has no place.</summary>
    public int Line { get; }

    /// <summary>The column from 1.</summary>
    public int Column { get; }

    public static KustoException Syntax(TextPosition at, string message) =>
        new(KustoErrorKind.Syntax, "SYN0002", $"Syntax error: SYN0002: {message} [line:position={at.Line}:{at.Column}]", at.Line, at.Column);

    public static KustoException Semantic(TextPosition at, string code, string message) =>
        new(KustoErrorKind.Semantic, code, $"Semantic error: {code}: {message} [line:position={at.Line}:{at.Column}]", at.Line, at.Column);

    public static KustoException Limit(string code, string message) =>
        new(KustoErrorKind.Limit, code, $"Query execution lacks resources or exceeds a limit ({code}): {message}", 0, 0);

    public static KustoException Execution(string message) => new(KustoErrorKind.Execution, "E_QUERY_EXECUTION", message, 0, 0);
}
