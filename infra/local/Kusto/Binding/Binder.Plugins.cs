namespace Serverless.Local.Kusto;

/// <summary>evaluate, and scan.</summary>
internal sealed partial class Binder
{
    private PlanNode Evaluate(PlanNode input, CallSyntax call)
    {
        switch (call.Name)
        {
            case "bag_unpack":
                CheckCount(call, 1, 2);
                return BagUnpack(input, call);
            case "pivot":
                CheckCount(call, 1, 16);
                return Pivot(input, call);
            case "rows_near":
                CheckCount(call, 2, 3);
                var before = Count(call.Arguments[1].Value);
                return new RowsNearNode(input, WithRows(input, () => Condition(call.Arguments[0].Value)), before, call.Arguments.Count > 2 ? Count(call.Arguments[2].Value) : before);
            case "rolling_percentile":
                CheckCount(call, 5, 5);
                return RollingPercentile(input, call);
            default:
                throw Error(call.At, "SEM0260", $"Unknown plugin: '{call.Name}'; there are bag_unpack, pivot, rows_near and rolling_percentile");
        }
    }

    /// <summary>A bag's names become columns, of the type that all their values have, or dynamic.</summary>
    private ProjectNode BagUnpack(PlanNode input, CallSyntax call)
    {
        const int MaxColumns = 1000;
        var bag = Ordinal(input.Schema, call.Arguments[0].Value);
        if (input.Schema[bag].Type != KustoType.Dynamic)
            throw Error(call.At, "SEM0106", $"bag_unpack needs a dynamic column; '{input.Schema[bag].Name}' is of type {input.Schema[bag].Type.Name()}");
        var prefix = call.Arguments.Count > 1 ? Constant(call.Arguments[1].Value).ToString() : "";
        var kept = new MaterializeNode(input);
        var types = new SortedDictionary<string, KustoType?>(StringComparer.Ordinal);
        foreach (var batch in Run(kept))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                if (batch.Columns[bag][i] is not { Kind: ValueKind.Bag } value)
                    continue;
                foreach (var (name, item) in value.AsBag.Entries)
                {
                    var type = item.IsNull ? (KustoType?)null : KustoTypes.Of(item.Kind) is var one && one == KustoType.Int ? KustoType.Long : one;
                    types[name] = types.TryGetValue(name, out var known) && known is not null && type is not null && known != type ? KustoType.Dynamic : type ?? known;
                }
            }
        }
        if (types.Count > MaxColumns)
            throw Error(call.At, "SEM0901", $"bag_unpack gives {types.Count} columns; at most {MaxColumns} are allowed");
        var ordinals = Enumerable.Range(0, input.Schema.Count).Where(i => i != bag).ToList();
        var schema = ordinals.Select(i => input.Schema[i]).ToList();
        var columns = ordinals.Select(i => (BoundExpression)new ColumnExpression(i, input.Schema[i].Name, input.Schema[i].Type)).ToList();
        foreach (var (name, type) in types)
        {
            var value = Access(call.At, new ColumnExpression(bag, input.Schema[bag].Name, KustoType.Dynamic), new ConstantExpression(Value.String(name), KustoType.String));
            schema.Add(new ColumnSchema(Unique(prefix + name, schema), type ?? KustoType.Dynamic));
            columns.Add(ConvertExpression.To(value, type ?? KustoType.Dynamic));
        }
        return new ProjectNode(kept, new Schema(schema), columns);
    }

    /// <summary>pivot(column, aggregate, keys…): a column for each value, with the aggregate by the keys (all other columns, if none are named).</summary>
    private ProjectNode Pivot(PlanNode input, CallSyntax call)
    {
        const int MaxColumns = 1000;
        var kept = new MaterializeNode(input);
        var pivot = Ordinal(input.Schema, call.Arguments[0].Value);
        var aggregate = call.Arguments.Count > 1 ? call.Arguments[1].Value as CallSyntax : new CallSyntax(call.At, "count", []);
        if (aggregate is null || !AggregateFunctions.IsAggregate(aggregate.Name) || aggregate.Name.EndsWith("if", StringComparison.Ordinal))
            throw Error(call.At, "SEM0090", "pivot's second argument is an aggregate, such as count() or sum(x)");
        var used = aggregate.Arguments.Select(argument => NameOf(argument.Value)).ToHashSet();
        var keys = call.Arguments.Count > 2
            ? call.Arguments.Skip(2).Select(argument => argument.Value).ToList()
            : input.Schema.Columns.Where((column, i) => i != pivot && !used.Contains(column.Name)).Select(column => (ExpressionSyntax)new NameSyntax(call.At, column.Name)).ToList();
        var values = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var batch in Run(kept))
        {
            for (var i = 0; i < batch.Count; i++)
                values.Add(batch.Columns[pivot][i].ToString());
        }
        if (values.Count > MaxColumns)
            throw Error(call.At, "SEM0901", $"pivot gives {values.Count} columns; at most {MaxColumns} are allowed");
        var text = new CallSyntax(call.At, "tostring", [call.Arguments[0]]);
        var items = values.Select(value => new NamedExpressionSyntax(
            [value],
            new CallSyntax(call.At, aggregate.Name + "if", [.. aggregate.Arguments, new ArgumentSyntax(null, new BinarySyntax(call.At, "==", text, new LiteralSyntax(call.At, Value.String(value), KustoType.String)))]))).ToList();
        return Summarize(kept, items, keys.Select(key => new NamedExpressionSyntax([], key)).ToList());
    }

    /// <summary>rolling_percentile(value, percentile, index, bin, bins): per bin over so many bins before it and itself.</summary>
    private RollingPercentileNode RollingPercentile(PlanNode input, CallSyntax call)
    {
        var value = WithRows(input, () => Scalar(call.Arguments[0].Value));
        var index = WithRows(input, () => Apply("bin", call.At, [Scalar(call.Arguments[2].Value), Scalar(call.Arguments[3].Value)]));
        var share = Constant(call.Arguments[1].Value);
        var bins = Count(call.Arguments[4].Value);
        var schema = new Schema([new(NameOf(call.Arguments[2].Value) ?? "Column1", index.Type), new($"rolling_{bins}_percentile_{NameOf(call.Arguments[0].Value)}_{share}", value.Type)]);
        return new RollingPercentileNode(input, schema, value, index, share.Number, bins);
    }

    private StepsNode Scan(PlanNode input, ScanSyntax scan)
    {
        if (!input.IsSerialized)
            throw Error(scan.At, "SEM0120", "scan needs rows in order: put 'sort by' or 'serialize' before");
        var schema = input.Schema.Columns.ToList();
        var defaults = new List<Value>();
        foreach (var declared in scan.Declarations)
        {
            schema.Add(new ColumnSchema(declared.Name, declared.Type));
            defaults.Add(declared.Default is null ? Value.Null : Conversion.To(Constant(declared.Default), declared.Type));
        }
        // A step's expressions see the row, the declared columns, and behind these each step's last state.
        var width = schema.Count;
        var rows = new RowScope(new Schema(schema));
        for (var i = 0; i < scan.Steps.Count; i++)
        {
            var offset = width * (i + 1);
            rows.Structs[scan.Steps[i].Name] = name => schema.FindIndex(column => column.Name == name) is var at && at >= 0 ? new ColumnExpression(offset + at, name, schema[at].Type) : null;
        }
        var steps = scan.Steps.Select(step => WithRows(rows, () =>
        {
            var condition = Condition(step.Condition);
            var assignments = step.Assignments.Select(assignment =>
            {
                var name = assignment.Names.Count > 0 ? assignment.Names[0] : throw Error(step.At, "SEM0100", "A step assigns to named columns");
                var at = schema.FindIndex(column => column.Name == name);
                if (at < 0)
                    throw Error(step.At, "SEM0100", $"A step assigns to columns of the input or declared ones; '{name}' is none");
                return (at, ConvertExpression.To(Scalar(assignment.Value), schema[at].Type));
            }).ToList();
            return new ScanStep(condition, assignments);
        })).ToList();
        var output = scan.MatchId is null ? schema : [.. schema, new ColumnSchema(scan.MatchId, KustoType.Long)];
        return new StepsNode(input, new Schema(output), width, defaults, steps, scan.MatchId is not null);
    }
}
