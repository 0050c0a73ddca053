namespace Serverless.Local.Kusto;

/// <summary>Calls of functions that give scalars.</summary>
internal sealed partial class Binder
{
    private static readonly Dictionary<string, KustoType> Conversions = new(StringComparer.Ordinal)
    {
        ["tobool"] = KustoType.Bool,
        ["toboolean"] = KustoType.Bool,
        ["toint"] = KustoType.Int,
        ["tolong"] = KustoType.Long,
        ["toreal"] = KustoType.Real,
        ["todouble"] = KustoType.Real,
        ["todecimal"] = KustoType.Decimal,
        ["tostring"] = KustoType.String,
        ["todatetime"] = KustoType.DateTime,
        ["totimespan"] = KustoType.TimeSpan,
        ["toguid"] = KustoType.Guid,
    };

    private BoundExpression ScalarCall(CallSyntax call)
    {
        if (_scope.TryGet(call.Name, out var entry) && entry is FunctionEntry function)
        {
            return Call(function, call.Name, call.Arguments, call.At) as BoundExpression
                ?? throw Error(call.At, "SEM0100", $"'{call.Name}' gives a table where a scalar is expected; toscalar() takes the first value of a table");
        }
        if (_row?.Calls?.Invoke(call) is { } special)
            return special;
        if (_row?.Aggregates is { } aggregates && AggregateFunctions.IsAggregate(call.Name))
            return Aggregate(call, aggregates);
        if (Conversions.TryGetValue(call.Name, out var type))
        {
            CheckCount(call, 1, 1);
            return Fold(ConvertExpression.To(Scalar(call.Arguments[0].Value), type));
        }
        switch (call.Name)
        {
            case "iff" or "iif":
                CheckCount(call, 3, 3);
                return Choose(call);
            case "case":
                if (call.Arguments.Count % 2 == 0)
                    throw Error(call.At, "SEM0219", "case() takes pairs of a condition and a value, and one value for what is left");
                return Choose(call);
            case "coalesce":
                CheckCount(call, 2, 64);
                return Coalesce(call);
            case "toscalar":
                CheckCount(call, 1, 1);
                return ToScalar(call.Arguments[0].Value);
            case "materialize":
                CheckCount(call, 1, 1);
                return Scalar(call.Arguments[0].Value);
            case "column_ifexists" or "columnifexists":
                CheckCount(call, 2, 2);
                var wanted = Constant(call.Arguments[0].Value).ToString();
                return _row is not null && _row.Schema.Find(wanted) >= 0 ? Name(new NameSyntax(call.At, wanted)) : Scalar(call.Arguments[1].Value);
            case "column_names_of":
                CheckCount(call, 1, 1);
                var names = Tabular(call.Arguments[0].Value).Schema.Columns.Select(column => Value.String(column.Name));
                return new ConstantExpression(Value.Array(names.ToArray()), KustoType.Dynamic);
            case "pack_all":
                return PackAll(call);
            case "bin_auto":
                CheckCount(call, 1, 1);
                return BinAuto(call);
            case "current_database":
                return new ConstantExpression(Value.String("NetDefaultDB"), KustoType.String);
        }
        if (AggregateFunctions.IsAggregate(call.Name))
            throw Error(call.At, "SEM0090", $"The aggregate '{call.Name}' can be used in summarize only");
        var arguments = new List<BoundExpression>();
        foreach (var argument in call.Arguments)
            arguments.Add(Scalar(argument.Value));
        return Apply(call.Name, call.At, arguments);
    }

    private void CheckCount(CallSyntax call, int min, int max)
    {
        if (call.Arguments.Count < min || call.Arguments.Count > max)
            throw Error(call.At, "SEM0219", $"The function '{call.Name}' takes {(min == max ? $"{min}" : $"{min} to {max}")} argument(s), not {call.Arguments.Count}");
    }

    private BoundExpression Apply(string name, int at, IReadOnlyList<BoundExpression> arguments)
    {
        if (!FunctionTable.Default.TryGet(name, out var function))
            throw Error(at, "SEM0260", $"Unknown function: '{name}'");
        var bound = new List<BoundExpression>();
        var spec = function.Parameters;
        var position = 0;
        foreach (var argument in arguments)
        {
            if (position >= spec.Length)
                throw Error(at, "SEM0219", $"The function '{name}' takes fewer than {arguments.Count} arguments");
            bound.Add(Parameter(name, at, spec[position], argument, bound.Count + 1));
            var mark = position + 1 < spec.Length ? spec[position + 1] : ' ';
            if (mark != '+')
                position += mark == '?' ? 2 : 1;
        }
        if (position < spec.Length && !spec[position..].Where((_, i) => i % 2 == 1).All(mark => mark == '?') && !(spec[position..].EndsWith('+') && arguments.Count > position))
            throw Error(at, "SEM0219", $"The function '{name}' takes more than {arguments.Count} argument(s)");
        if (position < spec.Length && (spec.Length - position) % 2 == 1)
            throw Error(at, "SEM0219", $"The function '{name}' takes more than {arguments.Count} argument(s)");
        CheckTypes(name, at, bound);
        var type = ResultType(function, bound);
        if (function.Returns == 'c')
            bound = bound.Select(argument => ConvertExpression.To(argument, type)).ToList();
        return Fold(new FunctionExpression(
            type, function.Kernel(type), !function.Options.HasFlag(FunctionOptions.Volatile), function.Options.HasFlag(FunctionOptions.Window), [.. bound]));
    }

    /// <summary>What the letters of a function's parameters cannot say: types that must fit each other.</summary>
    private void CheckTypes(string name, int at, List<BoundExpression> arguments)
    {
        var types = arguments.Select(argument => argument.Type).ToList();
        var fits = name switch
        {
            "bin" or "floor" or "bin_at" => ((types[0].IsNumeric() && types[1].IsNumeric()) || (types[0] is KustoType.DateTime or KustoType.TimeSpan && types[1] == KustoType.TimeSpan))
                && (types.Count < 3 || types[2] == types[0] || (types[2].IsNumeric() && types[0].IsNumeric())),
            "row_cumsum" => types[0].IsNumeric() || types[0] == KustoType.TimeSpan,
            "range" => types.All(type => type.IsNumeric() || type == KustoType.Dynamic) || (types[0] is KustoType.DateTime or KustoType.TimeSpan && types[1] == types[0] && (types.Count < 3 || types[2] == KustoType.TimeSpan)),
            "prev" or "next" => types.Count < 3 || CanConvert(types[2], types[0]),
            _ => true,
        };
        if (!fits)
            throw Error(at, "SEM0127", $"The function '{name}' is not compatible with arguments ({string.Join(", ", types.Select(type => type.Name()))})");
    }

    private static KustoType ResultType(ScalarFunction function, List<BoundExpression> arguments)
    {
        if (function.Name is "bin" or "floor" or "bin_at")
            return BinFunctions.ResultType(arguments[0].Type, arguments[1].Type);
        if (function.Returns == 'c')
            return arguments.Select(argument => argument.Type).Aggregate(KustoTypes.Common) is var common && common == KustoType.Int ? KustoType.Long : common;
        if (ScalarFunction.TypeOf(function.Returns) is { } type)
            return type;
        var same = arguments[function.Returns - '0'].Type;
        return function.Name is "prev" or "next" ? same : same switch { KustoType.Int => KustoType.Long, _ => same };
    }

    private BoundExpression Parameter(string function, int at, char letter, BoundExpression argument, int number)
    {
        if (letter == 'a')
            return argument;
        if (letter is 'n' or 'q')
        {
            if (letter == 'q' && argument.Type == KustoType.TimeSpan)
                return argument;
            if (argument.Type.IsNumeric())
                return argument;
            if (argument.Type == KustoType.Dynamic)
                return ConvertExpression.To(argument, KustoType.Real);
        }
        else if (ScalarFunction.TypeOf(letter) is { } type)
        {
            if (argument.Type == type)
                return argument;
            var widens = argument.Type.IsNumeric() && type is KustoType.Long or KustoType.Real or KustoType.Decimal && !(type == KustoType.Long && !argument.Type.IsInteger());
            // A dynamic argument is taken for what it holds; a null literal is dynamic.
            if (widens || argument.Type == KustoType.Dynamic || (type == KustoType.Dynamic && argument.Type == KustoType.String))
                return Fold(ConvertExpression.To(argument, type));
        }
        var expected = letter is 'n' or 'q' ? "a number" : ScalarFunction.TypeOf(letter)!.Value.Name();
        throw Error(at, "SEM0127", $"{function}(): argument #{number} is expected to be of type {expected}, not {argument.Type.Name()}");
    }

    /// <summary>iff and case: the value of the first condition that is true.</summary>
    private BoundExpression Choose(CallSyntax call)
    {
        var conditions = new List<BoundExpression>();
        var values = new List<BoundExpression>();
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            if (i % 2 == 0 && i + 1 < call.Arguments.Count)
                conditions.Add(Condition(call.Arguments[i].Value));
            else
                values.Add(Scalar(call.Arguments[i].Value));
        }
        var type = CommonType(call, values);
        return Fold(new ChooseExpression(type, conditions, values.Select(value => ConvertExpression.To(value, type)).ToList()));
    }

    private BoundExpression Coalesce(CallSyntax call)
    {
        var values = call.Arguments.Select(argument => Scalar(argument.Value)).ToList();
        var type = CommonType(call, values);
        return Fold(new FunctionExpression(
            type,
            Kernels.Rows(type, true, (row, _) => row.FirstOrDefault(value => !value.IsNull && (value.Kind != ValueKind.String || value.AsString.Length > 0), Value.Null)),
            true,
            false,
            values.Select(value => ConvertExpression.To(value, type)).ToArray()));
    }

    private KustoType CommonType(CallSyntax call, List<BoundExpression> values)
    {
        // A null literal goes with everything.
        var typed = values.Where(value => value is not ConstantExpression { Value.IsNull: true, Type: KustoType.Dynamic }).ToList();
        if (typed.Count == 0)
            return KustoType.Dynamic;
        var type = typed[0].Type;
        foreach (var value in typed)
        {
            if (value.Type != type && value.Type != KustoType.Dynamic && type != KustoType.Dynamic && !(value.Type.IsNumeric() && type.IsNumeric()))
                throw Error(call.At, "SEM0048", $"The values of {call.Name}() must be of one type, not {type.Name()} and {value.Type.Name()}");
            type = KustoTypes.Common(type, value.Type);
        }
        return type;
    }

    private BoundExpression ToScalar(ExpressionSyntax syntax)
    {
        if (TryTabular(syntax) is not { } plan)
            return Scalar(syntax);
        if (plan.Schema.Count == 0)
            throw Error(syntax.At, "SEM0100", "toscalar() needs a table with a column");
        plan.RequireAll();
        var type = plan.Schema[0].Type;
        foreach (var batch in plan.Execute(_context))
        {
            if (batch.Count > 0)
                return new ConstantExpression(batch.Columns[0][0], type);
        }
        return new ConstantExpression(type == KustoType.String ? Value.String("") : Value.Null, type);
    }

    private BoundExpression PackAll(CallSyntax call)
    {
        CheckCount(call, 0, 1);
        if (_row is null)
            throw Error(call.At, "SEM0100", "pack_all() needs a table");
        var skipEmpty = call.Arguments.Count > 0 && Constant(call.Arguments[0].Value).AsBool;
        var schema = _row.Schema;
        return new FunctionExpression(
            KustoType.Dynamic,
            Kernels.Rows(KustoType.Dynamic, true, (row, _) =>
            {
                var bag = new DynamicBag();
                for (var i = 0; i < row.Length; i++)
                {
                    if (!skipEmpty || (!row[i].IsNull && (row[i].Kind != ValueKind.String || row[i].AsString.Length > 0)))
                        bag.Set(schema[i].Name, row[i]);
                }
                return Value.Bag(bag);
            }),
            true,
            false,
            schema.Columns.Select((column, i) => new ColumnExpression(i, column.Name, column.Type)).ToArray());
    }

    private BoundExpression BinAuto(CallSyntax call)
    {
        if (!_options.TryGetValue("query_bin_auto_size", out var size))
            throw Error(call.At, "SEM0036", "bin_auto() needs 'set query_bin_auto_size=…;' before the query");
        var start = _options.GetValueOrDefault("query_bin_auto_at", Value.Null);
        var value = Scalar(call.Arguments[0].Value);
        return start.IsNull
            ? Apply("bin", call.At, [value, new ConstantExpression(size, KustoTypes.Of(size.Kind))])
            : Apply("bin_at", call.At, [value, new ConstantExpression(size, KustoTypes.Of(size.Kind)), new ConstantExpression(start, KustoTypes.Of(start.Kind))]);
    }
}
