namespace Serverless.Local.Kusto;

/// <summary>Reads a query's text into syntax. Recursion is bounded, so that no text can overflow the stack.</summary>
internal sealed partial class Parser
{
    /// <summary>Parentheses, calls and functions in each other; a pair of parentheses counts as three.</summary>
    private const int MaxDepth = 600;

    /// <summary>Operators after each other: a | b | c, or a + b + c.</summary>
    private const int MaxChain = 1000;

    private readonly string _text;
    private readonly List<Token> _tokens;
    private int _at;
    private int _depth;

    private Parser(string text)
    {
        _text = text;
        _tokens = Lexer.Read(text);
    }

    /// <exception cref="KustoException">The text is no query; the message says where and what was expected.</exception>
    public static IReadOnlyList<StatementSyntax> Parse(string text)
    {
        var parser = new Parser(text);
        var statements = parser.Statements("");
        if (statements.Count == 0)
            throw parser.Expected("a query");
        return statements;
    }

    private Token Current => _tokens[_at];

    private Token Ahead(int distance) => _tokens[Math.Min(_at + distance, _tokens.Count - 1)];

    private static bool Is(Token token, string text) => token.Kind is TokenKind.Identifier or TokenKind.Punctuation && token.Text == text;

    private bool Is(string text) => Is(Current, text);

    private bool Take(string text)
    {
        if (!Is(text))
            return false;
        _at++;
        return true;
    }

    private Token Next() => _tokens[_at++];

    private void Expect(string text)
    {
        if (!Take(text))
            throw Expected($"'{text}'");
    }

    private KustoException Expected(string what) => Error(Current.Start, $"Expected {what}, found {Current.Shown}");

    private KustoException Error(int offset, string message) => KustoException.Syntax(Lexer.Position(_text, offset), message);

    private void Enter()
    {
        if (++_depth > MaxDepth)
            throw Error(Current.Start, $"The query is nested too deep here; at most {MaxDepth / 3} parentheses may be in each other");
    }

    private void CheckChain(int length)
    {
        if (length > MaxChain)
            throw Error(Current.Start, $"More than {MaxChain} operators follow each other here");
    }

    private bool IsName => Current.Kind is TokenKind.Identifier or TokenKind.QuotedName;

    private string Name(string what)
    {
        if (!IsName || (Current.Kind == TokenKind.Identifier && Current.Text[0] == '!'))
            throw Expected(what);
        return Next().Text;
    }

    private List<T> List<T>(Func<T> item)
    {
        var items = new List<T> { item() };
        while (Take(","))
            items.Add(item());
        return items;
    }

    /// <summary>Statements up to a closing token, or the end.</summary>
    private List<StatementSyntax> Statements(string closing)
    {
        var statements = new List<StatementSyntax>();
        while (true)
        {
            while (Take(";"))
            {
            }
            if (Current.Kind == TokenKind.End || (closing.Length > 0 && Is(closing)))
                return statements;
            statements.Add(Statement());
            if (Current.Kind == TokenKind.End || (closing.Length > 0 && Is(closing)))
                return statements;
            if (!Is(";"))
                throw Expected(closing.Length > 0 ? $"';' or '{closing}'" : "';', '|' or the end of the query");
        }
    }

    private StatementSyntax Statement()
    {
        var at = Current.Start;
        if (Is("let"))
        {
            _at++;
            var name = Name("a name after 'let'");
            Expect("=");
            return IsFunctionAhead() ? new LetFunctionSyntax(at, name, Function()) : new LetSyntax(at, name, Pipeline());
        }
        if (Is("set") && Ahead(1).Kind == TokenKind.Identifier)
        {
            _at++;
            var name = Name("the name of an option");
            return new SetSyntax(at, name, Take("=") ? Expression() : null);
        }
        if (Is("declare"))
        {
            _at++;
            if (Take("query_parameters"))
                return new QueryParametersSyntax(at, Declarations());
            Expect("pattern");
            return Pattern(at);
        }
        return new ExpressionStatementSyntax(at, Pipeline());
    }

    private bool IsFunctionAhead()
    {
        if (Is("view") && Is(Ahead(1), "("))
            return true;
        if (!Is("("))
            return false;
        var depth = 0;
        for (var i = _at; i < _tokens.Count; i++)
        {
            if (Is(_tokens[i], "("))
                depth++;
            else if (Is(_tokens[i], ")") && --depth == 0)
                return i + 1 < _tokens.Count && Is(_tokens[i + 1], "{");
        }
        return false;
    }

    private FunctionSyntax Function()
    {
        var isView = Take("view");
        Expect("(");
        var parameters = Is(")") ? [] : List(Parameter);
        Expect(")");
        return new FunctionSyntax(parameters, Body(), isView);
    }

    private FunctionBodySyntax Body()
    {
        Enter();
        Expect("{");
        var statements = Statements("}");
        Expect("}");
        _depth--;
        if (statements.Count > 0 && statements[^1] is ExpressionStatementSyntax result)
            return new FunctionBodySyntax(statements[..^1], result.Value);
        throw Error(Current.Start, "A function's body must end with an expression");
    }

    private ParameterSyntax Parameter()
    {
        var name = Name("a parameter's name");
        Expect(":");
        if (Take("("))
        {
            if (Take("*"))
            {
                Expect(")");
                return new ParameterSyntax(name, null, [], null);
            }
            _at--;
            return new ParameterSyntax(name, null, Declarations(), null);
        }
        var type = TypeName();
        return new ParameterSyntax(name, type, null, Take("=") ? Expression() : null);
    }

    private KustoType TypeName()
    {
        if (Current.Kind == TokenKind.Identifier && KustoTypes.TryParse(Current.Text, out var type))
        {
            _at++;
            return type;
        }
        throw Expected("a type (bool, int, long, real, decimal, string, datetime, timespan, guid or dynamic)");
    }

    /// <summary>(name:type [= default], …)</summary>
    private List<DeclarationSyntax> Declarations()
    {
        Expect("(");
        var items = Is(")") ? [] : List(() =>
        {
            var at = Current.Start;
            var name = Name("a column's name");
            Expect(":");
            return new DeclarationSyntax(name, TypeName(), Take("=") ? Expression() : null, at);
        });
        Expect(")");
        return items;
    }

    private PatternSyntax Pattern(int at)
    {
        var name = Name("the pattern's name");
        Expect("=");
        Declarations();
        if (Take("["))
        {
            Name("a name");
            Expect(":");
            TypeName();
            Expect("]");
        }
        Expect("{");
        var cases = new List<PatternCaseSyntax>();
        while (!Take("}"))
        {
            Expect("(");
            var arguments = List(() => Literal().Value);
            Expect(")");
            string? path = null;
            if (Take("."))
                path = Name("a name in brackets");
            Expect("=");
            cases.Add(new PatternCaseSyntax(arguments, path, Body()));
            Take(";");
        }
        return new PatternSyntax(at, name, cases);
    }

    private LiteralSyntax Literal()
    {
        if (Current.Kind != TokenKind.Literal)
            throw Expected("a literal");
        var token = Next();
        return new LiteralSyntax(token.Start, token.Value, token.Type);
    }
}
