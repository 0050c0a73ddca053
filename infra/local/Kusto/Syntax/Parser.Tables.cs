namespace Serverless.Local.Kusto;

/// <summary>The operators that have much syntax of their own.</summary>
internal sealed partial class Parser
{
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
}
