namespace Serverless.Local.Kusto;

/// <summary>Functions of a query: their bodies are bound in the place of each call.</summary>
internal sealed partial class Binder
{
    /// <summary>Calls a function: its body is bound in the place of the call.</summary>
    private object Call(FunctionEntry function, string name, IReadOnlyList<ArgumentSyntax> arguments, int at, PlanNode? first = null)
    {
        var parameters = function.Syntax.Parameters;
        var scope = new Scope(function.Scope);
        var position = 0;
        if (first is not null)
        {
            if (parameters.Count == 0 || parameters[0].Columns is null)
                throw Error(at, "SEM0040", $"invoke needs a function whose first parameter is a table; '{name}' has none");
            scope.Set(parameters[0].Name, new TableEntry(first));
            position = 1;
        }
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            ParameterSyntax? parameter;
            if (argument.Name is not null)
                parameter = parameters.FirstOrDefault(one => one.Name == argument.Name);
            else
                parameter = position < parameters.Count ? parameters[position++] : null;
            if (parameter is null)
                throw Error(at, "SEM0219", argument.Name is null ? $"The function '{name}' takes {parameters.Count} argument(s)" : $"The function '{name}' has no parameter '{argument.Name}'");
            given.Add(parameter.Name);
            scope.Set(parameter.Name, Argument(parameter, argument.Value));
        }
        foreach (var parameter in parameters.Skip(first is null ? 0 : 1).Where(parameter => !given.Contains(parameter.Name)))
        {
            if (parameter.Default is null)
                throw Error(at, "SEM0219", $"The function '{name}' needs an argument for its parameter '{parameter.Name}'");
            scope.Set(parameter.Name, Argument(parameter, parameter.Default));
        }
        return Inside(scope, at, () => Body(function.Syntax.Body));
    }

    private ScopeEntry Argument(ParameterSyntax parameter, ExpressionSyntax value)
    {
        if (parameter.Type is not { } type)
            return new TableEntry(Tabular(value));
        var bound = Scalar(value);
        if (bound.Type != type && !CanConvert(bound.Type, type))
            throw Error(value.At, "SEM0230", $"The parameter '{parameter.Name}' is of type {type.Name()}, its argument of type {bound.Type.Name()}");
        return new ScalarEntry(ConvertExpression.To(bound, type), _owner);
    }

    private static bool CanConvert(KustoType from, KustoType to) => from == to || from == KustoType.Dynamic || to == KustoType.Dynamic || (from.IsNumeric() && to.IsNumeric());

    private object Inside(Scope scope, int at, Func<object> bind)
    {
        if (++_callDepth > MaxCallDepth)
            throw Error(at, "SEM0901", $"Functions call functions more than {MaxCallDepth} deep");
        // The body does not see the columns of where it is called, only what it was given.
        var (outer, row) = (_scope, _row);
        (_scope, _row) = (scope, null);
        try
        {
            return bind();
        }
        finally
        {
            (_scope, _row) = (outer, row);
            _callDepth--;
        }
    }

    private object Body(FunctionBodySyntax body)
    {
        foreach (var statement in body.Statements)
            Declare(statement);
        var result = body.Result!;
        return (object?)TryTabular(result) ?? Scalar(result);
    }
}
