namespace Serverless.Local.Kusto;

/// <summary>Expressions.</summary>
internal sealed partial class Parser
{
    private static readonly HashSet<string> Comparisons = new(StringComparer.Ordinal)
    {
        "==", "!=", "<>", "<", ">", "<=", ">=", "=~", "!~",
        "has", "!has", "has_cs", "!has_cs", "contains", "!contains", "contains_cs", "!contains_cs",
        "startswith", "!startswith", "startswith_cs", "!startswith_cs", "endswith", "!endswith", "endswith_cs", "!endswith_cs",
        "hasprefix", "!hasprefix", "hasprefix_cs", "!hasprefix_cs", "hassuffix", "!hassuffix", "hassuffix_cs", "!hassuffix_cs",
    };

    private static readonly HashSet<string> ListOperators = new(StringComparer.Ordinal) { "in", "!in", "in~", "!in~", "has_any", "has_all", "!has_any", "!has_all" };

    private ExpressionSyntax Expression()
    {
        Enter();
        var operands = new List<ExpressionSyntax> { Conjunction() };
        var at = Current.Start;
        while (Take("or"))
        {
            CheckChain(operands.Count);
            operands.Add(Conjunction());
        }
        _depth--;
        return operands.Count == 1 ? operands[0] : new LogicSyntax(at, false, operands);
    }

    private ExpressionSyntax Conjunction()
    {
        var operands = new List<ExpressionSyntax> { Comparison() };
        var at = Current.Start;
        while (Take("and"))
        {
            CheckChain(operands.Count);
            operands.Add(Comparison());
        }
        return operands.Count == 1 ? operands[0] : new LogicSyntax(at, true, operands);
    }

    private ExpressionSyntax Comparison()
    {
        var left = Sum();
        var token = Current;
        if (token.Kind is not (TokenKind.Identifier or TokenKind.Punctuation))
            return left;
        if (Comparisons.Contains(token.Text))
        {
            _at++;
            return new BinarySyntax(token.Start, token.Text == "<>" ? "!=" : token.Text, left, Sum());
        }
        if (ListOperators.Contains(token.Text))
        {
            _at++;
            Expect("(");
            var items = Is(")") ? [] : List(Argument);
            Expect(")");
            return new ListOperatorSyntax(token.Start, token.Text, left, items);
        }
        if (token.Text == "matches")
        {
            _at++;
            Expect("regex");
            return new BinarySyntax(token.Start, "matches regex", left, Sum());
        }
        if (token.Text is "between" or "!between")
        {
            _at++;
            Expect("(");
            var from = Sum();
            Expect("..");
            var to = Sum();
            Expect(")");
            return new BetweenSyntax(token.Start, token.Text[0] == '!', left, from, to);
        }
        return left;
    }

    private ExpressionSyntax Sum()
    {
        var left = Product();
        for (var length = 0; Is("+") || Is("-"); length++)
        {
            CheckChain(length);
            var token = Next();
            left = new BinarySyntax(token.Start, token.Text, left, Product());
        }
        return left;
    }

    private ExpressionSyntax Product()
    {
        var left = Unary();
        for (var length = 0; Is("*") || Is("/") || Is("%"); length++)
        {
            CheckChain(length);
            var token = Next();
            left = new BinarySyntax(token.Start, token.Text, left, Unary());
        }
        return left;
    }

    private ExpressionSyntax Unary()
    {
        if (!Is("-") && !Is("+"))
            return Postfix();
        Enter();
        var token = Next();
        var operand = Unary();
        _depth--;
        return token.Text == "+" ? operand : new UnarySyntax(token.Start, "-", operand);
    }

    private ExpressionSyntax Postfix()
    {
        var target = Primary();
        for (var length = 0; ; length++)
        {
            CheckChain(length);
            var at = Current.Start;
            if (Current.Kind == TokenKind.QuotedName)
            {
                target = new MemberSyntax(at, target, Next().Text);
            }
            else if (Take("."))
            {
                if (Take("["))
                {
                    target = new IndexSyntax(at, target, Expression());
                    Expect("]");
                }
                else
                {
                    target = new MemberSyntax(at, target, Name("a name after '.'"));
                }
            }
            else if (Take("["))
            {
                target = new IndexSyntax(at, target, Expression());
                Expect("]");
            }
            else
            {
                return target;
            }
        }
    }

    private ExpressionSyntax Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Literal:
                return Literal();
            case TokenKind.QuotedName:
                _at++;
                return new NameSyntax(token.Start, token.Text);
            case TokenKind.Identifier when token.Text == "dynamic" && Is(Ahead(1), "("):
                _at += 2;
                var value = DynamicLiteral();
                Expect(")");
                return new LiteralSyntax(token.Start, value, KustoType.Dynamic);
            case TokenKind.Identifier when token.Text == "typeof":
                _at++;
                Expect("(");
                var type = TypeName();
                Expect(")");
                return new LiteralSyntax(token.Start, Value.String(type.Name()), KustoType.String);
            case TokenKind.Identifier when token.Text[0] != '!':
                if (IsTabularStart())
                    return Pipeline();
                _at++;
                return Is("(") ? Call(token) : WithWildcard(token);
            case TokenKind.Punctuation when token.Text == "(":
                Enter();
                _at++;
                var inner = Pipeline();
                Expect(")");
                _depth--;
                return inner;
            case TokenKind.Punctuation when token.Text == "*":
                _at++;
                return new WildcardSyntax(token.Start, "*");
            default:
                throw Expected("an expression");
        }
    }

    /// <summary>A name, with a star right behind it where a name's pattern is meant (T*).</summary>
    private ExpressionSyntax WithWildcard(Token token)
    {
        if (!Is("*") || Current.Start != token.End || !(Is(Ahead(1), ",") || Is(Ahead(1), "|") || Is(Ahead(1), ")") || Is(Ahead(1), ";") || Ahead(1).Kind == TokenKind.End))
            return new NameSyntax(token.Start, token.Text);
        _at++;
        return new WildcardSyntax(token.Start, token.Text + "*");
    }

    private CallSyntax Call(Token name)
    {
        Enter();
        Expect("(");
        var arguments = new List<ArgumentSyntax>();
        if (!Is(")"))
        {
            arguments = List(() =>
            {
                if (IsName && Is(Ahead(1), "="))
                {
                    var argument = Next().Text;
                    _at++;
                    return new ArgumentSyntax(argument, Argument());
                }
                return new ArgumentSyntax(null, Argument());
            });
        }
        Expect(")");
        _depth--;
        return new CallSyntax(name.Start, name.Text, arguments);
    }

    private ExpressionSyntax Argument() => Pipeline();

    private Value DynamicLiteral()
    {
        Enter();
        var token = Next();
        var value = DynamicLiteral(token);
        _depth--;
        return value;
    }

    private Value DynamicLiteral(Token token)
    {
        if (token.Kind == TokenKind.Literal)
        {
            // Inside of dynamic, numbers are as in JSON.
            return token.Value;
        }
        if (token.Kind == TokenKind.QuotedName)
            return Value.Array([Value.String(token.Text)]);
        if (Is(token, "null"))
            return Value.Null;
        if (Is(token, "-") && Current.Kind == TokenKind.Literal)
        {
            var number = Next();
            return number.Value.Kind == ValueKind.Real ? Value.Real(-number.Value.AsReal) : Value.Long(-number.Value.AsLong);
        }
        if (Is(token, "dynamic"))
        {
            Expect("(");
            var inner = DynamicLiteral();
            Expect(")");
            return inner;
        }
        if (Is(token, "["))
        {
            var items = new List<Value>();
            while (!Is("]"))
            {
                items.Add(DynamicLiteral());
                if (!Take(","))
                    break;
            }
            Expect("]");
            return Value.Array([.. items]);
        }
        if (Is(token, "{"))
        {
            var bag = new DynamicBag();
            while (!Is("}"))
            {
                var name = Literal();
                Expect(":");
                bag.Set(name.Value.AsString, DynamicLiteral());
                if (!Take(","))
                    break;
            }
            Expect("}");
            return Value.Bag(bag);
        }
        _at--;
        throw Expected("a JSON value");
    }
}
