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

    private SummarizeSyntax Summarize(int at)
    {
        Hints();
        var aggregates = Is("by") || IsEndOfOperator ? [] : List(NamedExpression);
        return new SummarizeSyntax(at, aggregates, Take("by") ? List(NamedExpression) : []);
    }

    private DatatableSyntax Datatable(int at)
    {
        var columns = Declarations();
        Expect("[");
        var values = new List<ExpressionSyntax>();
        while (!Is("]"))
        {
            values.Add(Sum());
            if (!Take(","))
                break;
        }
        Expect("]");
        return new DatatableSyntax(at, columns, values);
    }

    private RangeSyntax Range(int at)
    {
        var name = Name("the column's name");
        Expect("from");
        var from = Sum();
        Expect("to");
        var to = Sum();
        Expect("step");
        return new RangeSyntax(at, name, from, to, Sum());
    }

    private JoinSyntax Join(int at, bool isLookup)
    {
        var kind = Hints().GetValueOrDefault("kind", isLookup ? "leftouter" : "innerunique");
        var right = Postfix();
        var on = new List<ExpressionSyntax>();
        if (Take("on"))
            on = List(Expression);
        else
            throw Expected("'on'");
        return new JoinSyntax(at, kind, isLookup, right, on);
    }

    private UnionSyntax Union(int at)
    {
        var hints = Hints();
        var source = hints.GetValueOrDefault("withsource") ?? hints.GetValueOrDefault("with_source");
        return new UnionSyntax(at, hints.GetValueOrDefault("kind") == "inner", source, hints.GetValueOrDefault("isfuzzy") == "true", List(Postfix));
    }

    private ExpandSyntax Expand(int at, bool apply)
    {
        var hints = Hints();
        var columns = List(() =>
        {
            var start = Current.Start;
            string? name = null;
            if (IsName && Is(Ahead(1), "="))
            {
                name = Next().Text;
                _at++;
            }
            var value = Expression();
            KustoType? type = null;
            if (Take("to"))
            {
                Expect("typeof");
                Expect("(");
                type = TypeName();
                Expect(")");
            }
            return new ExpandColumnSyntax(name, value, type, start);
        });
        var limit = Take("limit") ? Expression() : null;
        List<OperatorSyntax>? subquery = null;
        if (apply)
        {
            Expect("on");
            subquery = Subquery();
        }
        var arrayOfPairs = hints.GetValueOrDefault("kind") == "array" || hints.GetValueOrDefault("bagexpansion") == "array";
        return new ExpandSyntax(at, arrayOfPairs, hints.GetValueOrDefault("with_itemindex"), columns, limit, subquery);
    }

    private ParseSyntax Parse(int at, bool filter)
    {
        var hints = Hints();
        var source = Sum();
        Expect("with");
        var parts = new List<ParsePartSyntax>();
        while (!IsEndOfOperator)
        {
            var start = Current.Start;
            if (Take("*"))
            {
                parts.Add(new ParsePartSyntax(null, null, default, true, start));
            }
            else if (Current.Kind == TokenKind.Literal)
            {
                parts.Add(new ParsePartSyntax(Next().Value.ToString(), null, default, false, start));
            }
            else
            {
                var name = Name("a column's name, a text or '*'");
                parts.Add(new ParsePartSyntax(null, name, Take(":") ? TypeName() : KustoType.String, false, start));
            }
        }
        if (parts.Count == 0)
            throw Expected("a pattern");
        return new ParseSyntax(at, filter, hints.GetValueOrDefault("kind", "simple"), hints.GetValueOrDefault("flags", ""), source, parts);
    }

    private ParseKeyValueSyntax ParseKeyValue(int at)
    {
        var source = Sum();
        Expect("as");
        var columns = Declarations();
        var options = new Dictionary<string, ExpressionSyntax>(StringComparer.Ordinal);
        if (Take("with"))
        {
            Expect("(");
            List(() =>
            {
                var name = Name("an option");
                if (Take("="))
                    options[name] = Expression();
                else
                    options[name] = new LiteralSyntax(Current.Start, Value.Bool(true), KustoType.Bool);
                return name;
            });
            Expect(")");
        }
        return new ParseKeyValueSyntax(at, source, columns, options);
    }

    private CallSyntax CallOf(string what)
    {
        if (Current.Kind != TokenKind.Identifier || !Is(Ahead(1), "("))
            throw Expected($"{what} with its arguments");
        return Call(Next());
    }

    private ScanSyntax Scan(int at)
    {
        var match = Hints().GetValueOrDefault("with_match_id");
        var declarations = Take("declare") ? Declarations() : [];
        Expect("with");
        Expect("(");
        var steps = new List<ScanStepSyntax>();
        while (!Is(")"))
        {
            var start = Current.Start;
            Expect("step");
            var name = Name("the step's name");
            Take("optional");
            Hints();
            Expect(":");
            var condition = Expression();
            var assignments = Take("=>") ? List(NamedExpression) : [];
            steps.Add(new ScanStepSyntax(name, condition, assignments, start));
            Expect(";");
        }
        Expect(")");
        return new ScanSyntax(at, match, declarations, steps);
    }

    private TopNestedSyntax TopNested(int at)
    {
        var clauses = new List<TopNestedClauseSyntax>();
        while (true)
        {
            var start = Current.Start;
            var count = Is("of") ? null : Expression();
            Expect("of");
            var of = NamedExpression();
            Expect("by");
            var by = NamedExpression();
            var descending = !Take("asc");
            Take("desc");
            clauses.Add(new TopNestedClauseSyntax(count, of, by, descending, start));
            if (!Take(","))
                return new TopNestedSyntax(at, clauses);
            if (OperatorName() != "top-nested")
                throw Error(start, "Expected 'top-nested'");
        }
    }

    private SearchSyntax Search(int at)
    {
        var sensitive = Hints().GetValueOrDefault("kind") == "case_sensitive";
        var tables = new List<ExpressionSyntax>();
        if (Take("in"))
        {
            Expect("(");
            tables = List(Postfix);
            Expect(")");
        }
        return new SearchSyntax(at, sensitive, tables, Expression());
    }

    private ReduceSyntax Reduce(int at)
    {
        Expect("by");
        var by = Expression();
        ExpressionSyntax? threshold = null;
        ExpressionSyntax? characters = null;
        if (Take("with"))
        {
            List(() =>
            {
                var name = Name("an option");
                Expect("=");
                var value = Expression();
                if (name == "threshold")
                    threshold = value;
                else if (name == "characters")
                    characters = value;
                return name;
            });
        }
        return new ReduceSyntax(at, by, threshold, characters);
    }

    private MakeSeriesSyntax MakeSeries(int at)
    {
        Hints();
        var columns = List(() =>
        {
            var aggregate = NamedExpression();
            ExpressionSyntax? otherwise = null;
            if (Take("default"))
            {
                Expect("=");
                otherwise = Expression();
            }
            return new SeriesColumnSyntax(aggregate, otherwise);
        });
        Expect("on");
        var axis = NamedExpression();
        var from = Take("from") ? Expression() : null;
        var to = Take("to") ? Expression() : null;
        Expect("step");
        var step = Expression();
        return new MakeSeriesSyntax(at, columns, axis, from, to, step, Take("by") ? List(NamedExpression) : []);
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
