namespace Serverless.Local.Kusto;

/// <summary>
/// Settles names and types, and makes a plan. What the plan's columns depend on (toscalar, bag_unpack, pivot) is run while binding, as the
/// service does it.
/// </summary>
internal sealed partial class Binder
{
    /// <summary>Functions that call functions.</summary>
    private const int MaxCallDepth = 32;

    /// <summary>Operators in each other's operands, chains included.</summary>
    private const int MaxDepth = 3000;

    private readonly string _text;
    private readonly QueryContext _context;
    private readonly IReadOnlyDictionary<string, IKustoTable> _tables;
    private readonly Dictionary<string, Value> _options = new(StringComparer.Ordinal);
    private Scope _scope = new(null);
    private RowScope? _row;
    private object? _owner;
    private int _nodes;
    private int _callDepth;
    private int _depth;

    private Binder(string text, QueryContext context, IReadOnlyDictionary<string, IKustoTable> tables)
    {
        _text = text;
        _context = context;
        _tables = tables;
    }

    /// <param name="text">The query.</param>
    /// <param name="context">The run.</param>
    /// <param name="tables">The database.</param>
    /// <param name="parameters">Values for declare query_parameters.</param>
    /// <exception cref="KustoException">It is no query, or names what does not exist.</exception>
    public static PlanNode Bind(string text, QueryContext context, IReadOnlyDictionary<string, IKustoTable> tables, IReadOnlyDictionary<string, Value> parameters)
    {
        var statements = Parser.Parse(text);
        var binder = new Binder(text, context, tables);
        PlanNode? result = null;
        foreach (var statement in statements)
        {
            if (statement is QueryParametersSyntax declared)
                binder.DeclareParameters(declared, parameters);
            else if (statement is ExpressionStatementSyntax expression)
                result = binder.Tabular(expression.Value);
            else
                binder.Declare(statement);
        }
        return result ?? throw binder.Error(statements[^1].At, "SEM0001", "The query has no tabular expression that gives its result");
    }

    private KustoException Error(int at, string code, string message) => KustoException.Semantic(Lexer.Position(_text, at), code, message);

    private void CountNode(int at)
    {
        if (++_nodes > _context.Limits.MaxNodes)
            throw Error(at, "SEM0900", $"The query has more than {_context.Limits.MaxNodes} expressions and operators, its functions' bodies counted at each call");
        _context.Check();
    }

    private void DeclareParameters(QueryParametersSyntax declared, IReadOnlyDictionary<string, Value> parameters)
    {
        foreach (var parameter in declared.Parameters)
        {
            BoundExpression value;
            if (parameters.TryGetValue(parameter.Name, out var given))
                value = new ConstantExpression(Conversion.To(given, parameter.Type), parameter.Type);
            else if (parameter.Default is not null)
                value = ConvertExpression.To(Scalar(parameter.Default), parameter.Type);
            else
                throw Error(parameter.At, "SEM0036", $"The query's parameter '{parameter.Name}' has neither a value nor a default");
            _scope.Set(parameter.Name, new ScalarEntry(value, null));
        }
    }

    private void Declare(StatementSyntax statement)
    {
        switch (statement)
        {
            case LetSyntax let:
                _scope.Set(let.Name, Entry(let.Value));
                break;
            case LetFunctionSyntax function:
                _scope.Set(function.Name, new FunctionEntry(function.Function, _scope));
                break;
            case PatternSyntax pattern:
                _scope.Set(pattern.Name, new PatternEntry(pattern, _scope));
                break;
            case SetSyntax { Value: { } value } set:
                // An option may be a bare word, which is no name.
                if (value is not NameSyntax)
                    _options[set.Name] = Constant(value);
                break;
            case SetSyntax:
                break;
            default:
                throw Error(statement.At, "SEM0001", "Only let, set and declare statements may come before the result");
        }
    }

    private ScopeEntry Entry(ExpressionSyntax value)
    {
        if (TryGraph(value) is { } graph)
            return new GraphEntry(graph);
        return TryTabular(value) is { } plan ? new TableEntry(plan) : new ScalarEntry(Scalar(value), _owner);
    }

    private PlanNode Tabular(ExpressionSyntax syntax) =>
        TryTabular(syntax) ?? throw Error(syntax.At, "SEM0101", syntax is NameSyntax name
            ? $"Failed to resolve table expression named '{name.Name}'"
            : "A tabular expression is expected here");

    /// <summary>The plan of a tabular expression; null where it is a scalar.</summary>
    private PlanNode? TryTabular(ExpressionSyntax syntax)
    {
        CountNode(syntax.At);
        switch (syntax)
        {
            case PipelineSyntax pipeline:
                return Pipeline(pipeline);
            case SourceOperatorSyntax source:
                return OutsideRows(() => Source(source.Operator));
            case NameSyntax name:
                if (_scope.TryGet(name.Name, out var entry))
                    return entry switch
                    {
                        TableEntry table => table.Plan,
                        FunctionEntry { Syntax: { IsView: true, Parameters.Count: 0 } } view => Call(view, name.Name, [], name.At) as PlanNode,
                        _ => null,
                    };
                return _tables.TryGetValue(name.Name, out var known) ? new ScanNode(known, [], null) : null;
            case CallSyntax call:
                return TabularCall(call);
            case MemberSyntax { Target: CallSyntax call } member when _scope.TryGet(call.Name, out var found) && found is PatternEntry pattern:
                return MatchPattern(pattern, call, member.Name);
            default:
                return null;
        }
    }

    private PlanNode? TabularCall(CallSyntax call)
    {
        if (_scope.TryGet(call.Name, out var entry))
        {
            return entry switch
            {
                FunctionEntry function => Call(function, call.Name, call.Arguments, call.At) as PlanNode,
                PatternEntry pattern => MatchPattern(pattern, call, null),
                _ => null,
            };
        }
        switch (call.Name)
        {
            case "materialize" when call.Arguments.Count == 1:
                return TryTabular(call.Arguments[0].Value) is { } plan ? new MaterializeNode(plan) : null;
            case "table" when call.Arguments.Count is 1 or 2:
                var name = Constant(call.Arguments[0].Value).ToString();
                return Tabular(new NameSyntax(call.At, name));
            default:
                return null;
        }
    }

    private PlanNode MatchPattern(PatternEntry pattern, CallSyntax call, string? path)
    {
        var arguments = call.Arguments.Select(argument => Constant(argument.Value)).ToList();
        var match = pattern.Syntax.Cases.FirstOrDefault(one => one.Arguments.SequenceEqual(arguments) && one.Path == path)
            ?? throw Error(call.At, "SEM0025", $"No case of the pattern '{call.Name}' matches its arguments");
        return Inside(new Scope(pattern.Scope), call.At, () => Body(match.Body)) as PlanNode ?? throw Error(call.At, "SEM0101", "A pattern's case must be a tabular expression");
    }

    private PlanNode Pipeline(PipelineSyntax pipeline)
    {
        if (TryGraph(pipeline.Source) is { } known)
            return OutsideRows(() => GraphPipeline(known, pipeline.Operators, 0));
        var plan = OutsideRows(() => Tabular(pipeline.Source));
        return Operators(plan, pipeline.Operators);
    }

    private PlanNode Operators(PlanNode plan, IReadOnlyList<OperatorSyntax> operators)
    {
        for (var i = 0; i < operators.Count; i++)
        {
            if (operators[i] is MakeGraphSyntax make)
                return GraphPipeline(Graph(plan, make), operators, i + 1);
            CountNode(operators[i].At);
            var (input, syntax) = (plan, operators[i]);
            plan = OutsideRows(() => Operator(input, syntax));
        }
        return plan;
    }

    /// <summary>Binds without the columns of what surrounds.</summary>
    private T OutsideRows<T>(Func<T> bind)
    {
        var (row, owner) = (_row, _owner);
        (_row, _owner) = (null, null);
        try
        {
            return bind();
        }
        finally
        {
            (_row, _owner) = (row, owner);
        }
    }

    /// <summary>Binds over the columns of an input.</summary>
    private T WithRows<T>(RowScope rows, Func<T> bind)
    {
        var (row, owner) = (_row, _owner);
        (_row, _owner) = (rows, rows);
        try
        {
            return bind();
        }
        finally
        {
            (_row, _owner) = (row, owner);
        }
    }

    private T WithRows<T>(PlanNode input, Func<T> bind) => WithRows(new RowScope(input.Schema), bind);

    private Value Constant(ExpressionSyntax syntax) =>
        Scalar(syntax) is ConstantExpression constant ? constant.Value : throw Error(syntax.At, "SEM0007", "A constant is expected here");

    /// <summary>Runs a plan while binding.</summary>
    private List<Batch> Run(PlanNode plan)
    {
        plan.RequireAll();
        return plan.Execute(_context).ToList();
    }
}
