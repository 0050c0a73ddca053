namespace Serverless.Local.Kusto;

/// <summary>The aggregates, by name.</summary>
internal static class AggregateFunctions
{
    /// <summary>Elements of a list or set, and distinct values of a group.</summary>
    private const int MaxElements = 1_048_576;

    /// <summary>What a kept value is taken to hold.</summary>
    private const int ValueBytes = 48;

    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "count", "countif", "sum", "sumif", "avg", "avgif", "min", "minif", "max", "maxif", "dcount", "dcountif", "count_distinct", "count_distinctif",
        "make_list", "make_list_if", "make_list_with_nulls", "make_set", "make_set_if", "makelist", "makeset", "make_bag", "make_bag_if",
        "stdev", "stdevif", "stdevp", "variance", "varianceif", "variancep", "percentile", "percentiles", "percentiles_array",
        "arg_max", "arg_min", "take_any", "take_anyif", "any", "anyif", "binary_all_and", "binary_all_or", "binary_all_xor",
    };

    public static bool IsAggregate(string name) => Names.Contains(name);

    /// <summary>
    /// An aggregate over bound arguments. <paramref name="names"/> has a name for each argument that has one; null where the number or the types
    /// of the arguments do not fit.
    /// </summary>
    public static BoundAggregate? Bind(string name, IReadOnlyList<BoundExpression> arguments, IReadOnlyList<string?> names)
    {
        var conditional = name is not "make_list_with_nulls" && name.EndsWith("if", StringComparison.Ordinal);
        var values = arguments;
        if (conditional)
        {
            if (arguments.Count == 0 || arguments[^1].Type != KustoType.Bool)
            {
                // make_list_if(x, condition, size)
                if (arguments.Count != 3 || arguments[1].Type != KustoType.Bool)
                    return null;
                arguments = [arguments[0], arguments[2], arguments[1]];
            }
            values = arguments.Take(arguments.Count - 1).ToList();
        }
        var stem = conditional ? (name.EndsWith("_if", StringComparison.Ordinal) ? name[..^3] : name[..^2]) : name;
        var bound = Plain(stem, name, values, names.Count > 0 ? names[0] : null, names);
        if (bound is null || !conditional)
            return bound;
        return bound with { Arguments = [.. bound.Arguments, arguments[^1]], Create = () => new ConditionalAggregator(bound.Create()) };
    }

    private static BoundAggregate? Plain(string stem, string name, IReadOnlyList<BoundExpression> a, string? argument, IReadOnlyList<string?> names)
    {
        var named = $"{name}_{argument}";
        switch (stem)
        {
            case "count":
                return new BoundAggregate([], [new(name + "_", KustoType.Long)], () => new CountAggregator());
            case "take_any" or "any" when a.Count > 0:
                return Any(a, names);
            case "arg_max" or "arg_min" when a.Count > 0:
                return Arg(a, names, stem == "arg_max" ? 1 : -1);
        }
        if (a.Count == 0)
            return null;
        var type = a[0].Type;
        switch (stem)
        {
            case "sum":
                return Sum(named, a[0]);
            case "avg" when type.IsNumeric() || type == KustoType.Dynamic:
                return new BoundAggregate([ConvertExpression.To(a[0], KustoType.Real)], [new(named, KustoType.Real)], () => new AverageAggregator(KustoType.Real));
            case "avg" when type is KustoType.TimeSpan or KustoType.DateTime:
                return new BoundAggregate([ConvertExpression.To(a[0], KustoType.Real)], [new(named, type)], () => new AverageAggregator(type));
            case "min" or "max":
                return new BoundAggregate([a[0]], [new(named, type)], () => Extreme(type, stem == "max" ? 1 : -1));
            case "dcount" or "count_distinct":
                return State([a[0]], named, KustoType.Long, () => new HashSet<Value>(), (set, row) => set.Add(row[0]) ? ValueBytes : 0, set => Value.Long(set.Count));
            case "stdev" or "stdevp" or "variance" or "variancep" when type.IsNumeric() || type == KustoType.Dynamic:
                var ofAll = stem[^1] == 'p';
                return State([ConvertExpression.To(a[0], KustoType.Real)], named, KustoType.Real, () => new Moments(),
                    (moments, row) =>
                    {
                        moments.Add(row[0].AsReal);
                        return 0;
                    },
                    moments => Value.Real(stem.StartsWith("stdev", StringComparison.Ordinal) ? Math.Sqrt(moments.Variance(ofAll)) : moments.Variance(ofAll)));
            case "make_list" or "makelist" or "make_list_with_nulls":
                return List(a, "list_" + argument, withNulls: stem == "make_list_with_nulls");
            case "make_set" or "makeset":
                return Set(a, "set_" + argument);
            case "make_bag":
                return State([a[0]], "bag_" + argument, KustoType.Dynamic, () => new DynamicBag(), MergeBag, Value.Bag);
            case "percentile" or "percentiles" or "percentiles_array":
                return Percentiles(stem, a, argument);
            case "binary_all_and" or "binary_all_or" or "binary_all_xor" when type.IsInteger():
                return State([a[0]], named, KustoType.Long, () => new List<long>(), (list, row) => Fold(stem, list, row[0].AsLong), list => list.Count == 0 ? Value.Null : Value.Long(list[0]));
            default:
                return null;
        }
    }

    private static BoundAggregate State<TState>(
        IReadOnlyList<BoundExpression> arguments, string name, KustoType type, Func<TState> create, Func<TState, Value[], long> add, Func<TState, Value> finish, bool seesNulls = false)
        where TState : class =>
        new(arguments, [new(name, type)], () => new StateAggregator<TState>([type], create, add, state => [finish(state)], seesNulls));

    private static BoundAggregate? Sum(string name, BoundExpression value) => value.Type switch
    {
        KustoType.Int or KustoType.Long => new([ConvertExpression.To(value, KustoType.Long)], [new(name, KustoType.Long)], () => new SumAggregator<long>(KustoType.Long)),
        KustoType.Real or KustoType.Dynamic => new([ConvertExpression.To(value, KustoType.Real)], [new(name, KustoType.Real)], () => new SumAggregator<double>(KustoType.Real)),
        KustoType.Decimal => new([value], [new(name, KustoType.Decimal)], () => new SumAggregator<decimal>(KustoType.Decimal)),
        KustoType.TimeSpan => new([value], [new(name, KustoType.TimeSpan)], () => new SumAggregator<long>(KustoType.TimeSpan)),
        _ => null,
    };

    private static Aggregator Extreme(KustoType type, int sign) => type switch
    {
        KustoType.Real => new ExtremeAggregator<double>(type, sign),
        KustoType.Decimal => new ExtremeAggregator<decimal>(type, sign),
        KustoType.Bool => new ExtremeAggregator<bool>(type, sign),
        KustoType.Guid => new ExtremeAggregator<Guid>(type, sign),
        KustoType.String or KustoType.Dynamic => new StateAggregator<List<Value>>([type], () => [], (best, row) => KeepBest(best, row[0], sign), best => [best.Count > 0 ? best[0] : Value.Null]),
        _ => new ExtremeAggregator<long>(type, sign),
    };

    private static long KeepBest(List<Value> best, Value value, int sign)
    {
        if (best.Count == 0)
            best.Add(value);
        else if (ValueComparer.Order(value, best[0]) * sign > 0)
            best[0] = value;
        return 0;
    }

    private static BoundAggregate List(IReadOnlyList<BoundExpression> a, string name, bool withNulls)
    {
        var limit = Limit(a);
        return State([a[0]], name, KustoType.Dynamic, () => new List<Value>(), (list, row) =>
        {
            if (list.Count >= limit)
                return 0;
            list.Add(row[0]);
            return ValueBytes;
        }, list => Value.Array([.. list]), withNulls);
    }

    private static BoundAggregate Set(IReadOnlyList<BoundExpression> a, string name)
    {
        var limit = Limit(a);
        return State([a[0]], name, KustoType.Dynamic, () => new Dictionary<Value, int>(), (set, row) =>
            set.Count < limit && set.TryAdd(row[0], set.Count) ? ValueBytes : 0, set => Value.Array(set.OrderBy(entry => entry.Value).Select(entry => entry.Key).ToArray()));
    }

    private static long Limit(IReadOnlyList<BoundExpression> a) =>
        a.Count > 1 && a[1] is ConstantExpression { Value.IsInteger: true } limit ? Math.Clamp(limit.Value.AsLong, 0, MaxElements) : MaxElements;

    private static long MergeBag(DynamicBag bag, Value[] row)
    {
        if (row[0].Kind != ValueKind.Bag)
            return 0;
        foreach (var (key, value) in row[0].AsBag.Entries)
        {
            if (!bag.Contains(key) && bag.Count < MaxElements)
                bag.Set(key, value);
        }
        return ValueBytes * row[0].AsBag.Count;
    }

    private static long Fold(string stem, List<long> list, long value)
    {
        if (list.Count == 0)
            list.Add(value);
        else
            list[0] = stem switch { "binary_all_and" => list[0] & value, "binary_all_or" => list[0] | value, _ => list[0] ^ value };
        return 0;
    }

    private static BoundAggregate? Percentiles(string stem, IReadOnlyList<BoundExpression> a, string? argument)
    {
        var shares = new List<double>();
        foreach (var share in a.Skip(1))
        {
            if (share is not ConstantExpression constant)
                return null;
            var values = constant.Value.Kind == ValueKind.Array ? constant.Value.AsArray : [constant.Value];
            if (values.Any(value => !value.IsNumber || value.Number is < 0 or > 100))
                return null;
            shares.AddRange(values.Select(value => value.Number));
        }
        if (shares.Count == 0)
            return null;
        var type = a[0].Type switch { KustoType.Int => KustoType.Long, KustoType.Decimal or KustoType.Dynamic => KustoType.Real, var same => same };
        if (type is not (KustoType.Long or KustoType.Real or KustoType.DateTime or KustoType.TimeSpan))
            return null;
        var value = ConvertExpression.To(a[0], type);
        var columns = stem == "percentiles_array"
            ? [new ColumnSchema($"percentiles_{argument}", KustoType.Dynamic)]
            : shares.Select(share => new ColumnSchema($"percentile_{argument}_{Value.Real(share).ToString().Replace(".0", "", StringComparison.Ordinal).Replace('.', '_')}", type)).ToArray();
        return new BoundAggregate([value], columns, type == KustoType.Real
            ? () => new PercentileAggregator<double>(type, shares, columns.Select(column => column.Type).ToArray())
            : () => new PercentileAggregator<long>(type, shares, columns.Select(column => column.Type).ToArray()));
    }

    private static BoundAggregate Any(IReadOnlyList<BoundExpression> a, IReadOnlyList<string?> names)
    {
        var columns = a.Select((value, i) => new ColumnSchema(names[i] ?? "any_", value.Type)).ToArray();
        return new BoundAggregate(a, columns, () => new StateAggregator<List<Value>>(a.Select(value => value.Type).ToArray(), () => [], (state, row) =>
        {
            // Rather one that is not empty.
            if (state.Count == 0 || (state[0].IsNull && !row[0].IsNull))
            {
                state.Clear();
                state.AddRange(row);
            }
            return 0;
        }, state => state.Count == 0 ? a.Select(_ => Value.Null).ToArray() : [.. state], seesNulls: true));
    }

    /// <summary>The row where the first argument is greatest (or least); where it is null throughout, the first row.</summary>
    private static BoundAggregate Arg(IReadOnlyList<BoundExpression> a, IReadOnlyList<string?> names, int sign)
    {
        var columns = a.Select((value, i) => new ColumnSchema(names[i] ?? (i == 0 ? (sign > 0 ? "max_" : "min_") : "arg_"), value.Type)).ToArray();
        return new BoundAggregate(a, columns, () => new StateAggregator<List<Value>>(a.Select(value => value.Type).ToArray(), () => [], (best, row) =>
        {
            if (best.Count > 0 && (row[0].IsNull || (!best[0].IsNull && ValueComparer.Order(row[0], best[0]) * sign <= 0)))
                return 0;
            var bytes = best.Count == 0 ? row.Length * ValueBytes : 0;
            best.Clear();
            best.AddRange(row);
            return bytes;
        }, best => best.Count == 0 ? a.Select(_ => Value.Null).ToArray() : [.. best], seesNulls: true));
    }
}
