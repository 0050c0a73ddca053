namespace Serverless.Local.Kusto;

/// <summary>Pipelines and the tabular operators.</summary>
internal sealed partial class Parser
{
    private bool IsTabularStart()
    {
        var next = Ahead(1);
        return Current.Text switch
        {
            "print" => next.Kind is TokenKind.Identifier or TokenKind.QuotedName or TokenKind.Literal || Is(next, "(") || Is(next, "-"),
            "datatable" => Is(next, "("),
            "range" => next.Kind is TokenKind.Identifier or TokenKind.QuotedName && Is(Ahead(2), "from"),
            "union" => next.Kind is TokenKind.Identifier or TokenKind.QuotedName || Is(next, "(") || Is(next, "*"),
            "search" => next.Kind is TokenKind.Identifier or TokenKind.QuotedName or TokenKind.Literal || Is(next, "(") || Is(next, "*"),
            _ => false,
        };
    }

    /// <summary>An expression, or a source with what it is piped through.</summary>
    private ExpressionSyntax Pipeline()
    {
        Enter();
        var at = Current.Start;
        ExpressionSyntax source = Current.Kind == TokenKind.Identifier && IsTabularStart() ? new SourceOperatorSyntax(at, Operator()) : Expression();
        var operators = Operators();
        _depth--;
        return operators.Count == 0 ? source : new PipelineSyntax(at, source, operators);
    }

    private List<OperatorSyntax> Operators()
    {
        var operators = new List<OperatorSyntax>();
        while (Take("|"))
        {
            CheckChain(operators.Count);
            operators.Add(Operator());
        }
        return operators;
    }

    /// <summary>A subquery in parentheses that starts with an operator; a pipe before it is allowed.</summary>
    private List<OperatorSyntax> Subquery()
    {
        Enter();
        Expect("(");
        Take("|");
        var operators = new List<OperatorSyntax> { Operator() };
        operators.AddRange(Operators());
        Expect(")");
        _depth--;
        return operators;
    }

    /// <summary>An operator's name, of words with hyphens between.</summary>
    private string OperatorName()
    {
        if (Current.Kind != TokenKind.Identifier)
            throw Expected("a query operator");
        var token = Next();
        var name = token.Text;
        while (Is("-") && Current.Start == token.End && Ahead(1).Kind == TokenKind.Identifier && Ahead(1).Start == Current.End)
        {
            _at++;
            token = Next();
            name += "-" + token.Text;
        }
        return name;
    }

    private OperatorSyntax Operator()
    {
        var at = Current.Start;
        var name = OperatorName();
        switch (name)
        {
            case "where" or "filter":
                return new WhereSyntax(at, Expression());
            case "extend":
                return new ExtendSyntax(at, List(NamedExpression), false);
            case "serialize":
                return new ExtendSyntax(at, IsEndOfOperator ? [] : List(NamedExpression), true);
            case "project":
                return new ProjectSyntax(at, IsEndOfOperator ? [] : List(NamedExpression));
            case "print":
                return new PrintSyntax(at, IsEndOfOperator ? [] : List(NamedExpression));
            case "project-rename":
                return new ProjectNamesSyntax(at, name, List(() => Rename()));
            case "project-away" or "project-keep" or "project-reorder" or "project-by-names":
                return new ProjectNamesSyntax(at, name, List(() => OrderKey(name == "project-reorder")));
            case "summarize":
                return Summarize(at);
            case "sort" or "order":
                Hints();
                Expect("by");
                return new SortSyntax(at, List(() => OrderKey()));
            case "top":
                Hints();
                var top = Expression();
                Expect("by");
                return new TopSyntax(at, top, List(() => OrderKey()));
            case "take" or "limit":
                return new TakeSyntax(at, Expression());
            case "count":
                return new CountSyntax(at);
            case "distinct":
                Hints();
                return new DistinctSyntax(at, List(NamedExpression));
            case "datatable":
                return Datatable(at);
            case "range":
                return Range(at);
            case "join" or "lookup":
                return Join(at, name == "lookup");
            case "union":
                return Union(at);
            case "mv-expand" or "mvexpand":
                return Expand(at, false);
            case "mv-apply" or "mvapply":
                return Expand(at, true);
            case "parse" or "parse-where":
                return Parse(at, name == "parse-where");
            case "parse-kv":
                return ParseKeyValue(at);
            case "invoke":
                return new InvokeSyntax(at, CallOf("a function"));
            case "evaluate":
                Hints();
                return new EvaluateSyntax(at, CallOf("a plugin"));
            case "partition":
                Hints();
                Expect("by");
                // A name: with the parentheses behind it, it would look like a call.
                var key = new NameSyntax(Current.Start, Name("the key's column"));
                return new PartitionSyntax(at, key, Subquery());
            case "scan":
                return Scan(at);
            case "top-nested":
                return TopNested(at);
            case "search":
                return Search(at);
            case "reduce":
                return Reduce(at);
            case "make-series":
                return MakeSeries(at);
            case "getschema" or "consume":
                return new SimpleSyntax(at, name, null);
            case "as":
                Hints();
                return new SimpleSyntax(at, name, Name("a name"));
            case "render":
                return Render(at);
            case "sample":
                return new TakeSyntax(at, Expression());
            case "make-graph":
                return MakeGraph(at);
            case "graph-match" or "graph-shortest-paths":
                return GraphMatch(at, name == "graph-shortest-paths");
            case "graph-mark-components":
                return GraphComponents(at);
            case "graph-to-table":
                return GraphToTable(at);
            default:
                throw Error(at, $"Expected a query operator, found '{name}'");
        }
    }

    private bool IsEndOfOperator => Current.Kind == TokenKind.End || Is("|") || Is(")") || Is(";") || Is("}");

    /// <summary>Parameters of an operator: name = value, of which hints are only advice.</summary>
    private Dictionary<string, string> Hints()
    {
        var hints = new Dictionary<string, string>(StringComparer.Ordinal);
        while (Current.Kind == TokenKind.Identifier)
        {
            var dotted = Is(Ahead(1), ".") && Current.Text == "hint" ? 2 : 0;
            if (!Is(Ahead(1 + dotted), "=") || Current.Text is not ("hint" or "kind" or "withsource" or "with_source" or "isfuzzy" or "decodeblocks" or "flags"
                or "with_itemindex" or "bagexpansion" or "with_match_id" or "cycles" or "output" or "with_component_id" or "with_node_id" or "expandoutput" or "id"))
                break;
            var name = Next().Text;
            _at += dotted + 1;
            hints[name] = Current.Kind is TokenKind.End or TokenKind.Punctuation ? throw Expected($"a value for '{name}'")
                : Current.Kind == TokenKind.Literal ? Current.Value.ToString() : Current.Text;
            _at++;
        }
        return hints;
    }

    private NamedExpressionSyntax NamedExpression()
    {
        if (IsName && Is(Ahead(1), "="))
        {
            var name = Next().Text;
            _at++;
            return new NamedExpressionSyntax([name], Expression());
        }
        if (Is("(") && Ahead(1).Kind is TokenKind.Identifier or TokenKind.QuotedName)
        {
            var i = 2;
            while (Is(Ahead(i), ",") && Ahead(i + 1).Kind is TokenKind.Identifier or TokenKind.QuotedName)
                i += 2;
            if (Is(Ahead(i), ")") && Is(Ahead(i + 1), "="))
            {
                _at++;
                var names = List(() => Name("a column's name"));
                _at += 2;
                return new NamedExpressionSyntax(names, Expression());
            }
        }
        return new NamedExpressionSyntax([], Expression());
    }

    private OrderSyntax Rename()
    {
        var at = Current.Start;
        var name = Name("a column's new name");
        Expect("=");
        return new OrderSyntax(new BinarySyntax(at, "=", new NameSyntax(at, name), Postfix()), false, false);
    }

    private OrderSyntax OrderKey(bool ascendingByDefault = false)
    {
        var key = Expression();
        // sort by is descending unless it says otherwise.
        var descending = !ascendingByDefault;
        if (Take("asc") || Take("granny-asc"))
            descending = false;
        else if (Take("desc"))
            descending = true;
        var nullsFirst = !descending;
        if (Take("nulls"))
        {
            nullsFirst = Is("first");
            if (!Take("first") && !Take("last"))
                throw Expected("'first' or 'last'");
        }
        return new OrderSyntax(key, descending, nullsFirst);
    }

    private SimpleSyntax Render(int at)
    {
        var kind = Name("a visualization");
        Hints();
        if (Take("with"))
        {
            Expect("(");
            for (var depth = 1; depth > 0; _at++)
            {
                if (Current.Kind == TokenKind.End)
                    throw Expected("')'");
                depth += Is("(") ? 1 : Is(")") ? -1 : 0;
            }
        }
        return new SimpleSyntax(at, "render", kind);
    }
}
