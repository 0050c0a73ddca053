namespace Serverless.Local.Kusto;

/// <summary>summarize, and what else aggregates.</summary>
internal sealed partial class Binder
{
    private ProjectNode Summarize(PlanNode input, IReadOnlyList<NamedExpressionSyntax> items, IReadOnlyList<NamedExpressionSyntax> by)
    {
        var (keySchema, keys) = GroupKeys(input, by);
        var rows = new RowScope(new Schema(keySchema)) { Aggregates = [], Input = new RowScope(input.Schema) };
        var schema = new List<ColumnSchema>(keySchema);
        var columns = keySchema.Select((column, i) => (BoundExpression)new ColumnExpression(i, column.Name, column.Type)).ToList();
        var unnamed = by.Count(key => key.Names.Count == 0 && NameOf(key.Value) is null);
        foreach (var item in items)
        {
            var before = rows.Aggregates.Count;
            if (item.Value is CallSyntax call && AggregateFunctions.IsAggregate(call.Name) && !(_scope.TryGet(call.Name, out var entry) && entry is FunctionEntry))
            {
                // An aggregate itself, which may give several columns.
                WithRows(rows, () => Aggregate(call, rows.Aggregates));
                var start = AggregateOrdinal(rows, before);
                var made = rows.Aggregates[before].Columns;
                for (var i = 0; i < made.Count; i++)
                {
                    var name = i < item.Names.Count ? item.Names[i] : Unique(made[i].Name, schema);
                    if (i < item.Names.Count && schema.Any(column => column.Name == name))
                        throw Error(item.Value.At, "SEM0171", $"A column named '{name}' is there already");
                    schema.Add(new ColumnSchema(name, made[i].Type));
                    columns.Add(new ColumnExpression(start + i, name, made[i].Type));
                }
                continue;
            }
            var value = WithRows(rows, () => Scalar(item.Value));
            schema.Add(new ColumnSchema(item.Names.Count > 0 ? item.Names[0] : Unique($"Column{++unnamed}", schema), value.Type));
            columns.Add(value);
        }
        var aggregateSchema = new Schema([.. keySchema, .. rows.Aggregates.SelectMany(aggregate => aggregate.Columns)]);
        return new ProjectNode(new AggregateNode(input, aggregateSchema, keys, rows.Aggregates), new Schema(schema), columns);
    }

    private (List<ColumnSchema> Schema, List<BoundExpression> Keys) GroupKeys(PlanNode input, IReadOnlyList<NamedExpressionSyntax> by)
    {
        var schema = new List<ColumnSchema>();
        var keys = new List<BoundExpression>();
        var unnamed = 0;
        foreach (var key in by)
        {
            var bound = WithRows(input, () => Scalar(key.Value));
            CheckWindow(key.Value.At, input, bound);
            if (bound.Type == KustoType.Dynamic)
                throw Error(key.Value.At, "SEM0116", "A dynamic value cannot be grouped by: cast it first (tostring, tolong, …)");
            var name = key.Names.Count > 0 ? key.Names[0] : NameOf(key.Value) ?? $"Column{++unnamed}";
            schema.Add(new ColumnSchema(Unique(name, schema), bound.Type));
            keys.Add(bound);
        }
        return (schema, keys);
    }

    private static int AggregateOrdinal(RowScope rows, int index) => rows.Schema.Count + rows.Aggregates!.Take(index).Sum(aggregate => aggregate.Columns.Count);

    private ColumnExpression Aggregate(CallSyntax call, List<BoundAggregate> aggregates)
    {
        var rows = _row!;
        var arguments = new List<BoundExpression>();
        var names = new List<string?>();
        WithRows(rows.Input!, () =>
        {
            foreach (var argument in call.Arguments)
            {
                if (argument.Value is WildcardSyntax)
                {
                    foreach (var (column, i) in rows.Input!.Schema.Columns.Select((column, i) => (column, i)))
                    {
                        if (names.Contains(column.Name) || rows.Schema.Find(column.Name) >= 0)
                            continue;
                        arguments.Add(new ColumnExpression(i, column.Name, column.Type));
                        names.Add(column.Name);
                    }
                    continue;
                }
                arguments.Add(Scalar(argument.Value));
                names.Add(NameOf(argument.Value));
            }
            return 0;
        });
        var bound = AggregateFunctions.Bind(call.Name, arguments, names)
            ?? throw Error(call.At, "SEM0127", $"The aggregate '{call.Name}' is not compatible with arguments ({string.Join(", ", arguments.Select(argument => argument.Type.Name()))})");
        aggregates.Add(bound);
        return new ColumnExpression(AggregateOrdinal(rows, aggregates.Count - 1), bound.Columns[0].Name, bound.Columns[0].Type);
    }

    private TopNestedNode TopNested(PlanNode input, TopNestedSyntax nested)
    {
        var schema = new List<ColumnSchema>();
        var levels = new List<TopNestedLevel>();
        foreach (var clause in nested.Clauses)
        {
            var of = WithRows(input, () => Scalar(clause.Of.Value));
            var name = clause.Of.Names.Count > 0 ? clause.Of.Names[0] : NameOf(clause.Of.Value) ?? $"Column{levels.Count + 1}";
            if (clause.By.Value is not CallSyntax call || !AggregateFunctions.IsAggregate(call.Name))
                throw Error(clause.At, "SEM0090", "top-nested orders by an aggregate");
            var rows = new RowScope(Schema.Empty) { Aggregates = [], Input = new RowScope(input.Schema) };
            WithRows(rows, () => Aggregate(call, rows.Aggregates));
            var aggregate = rows.Aggregates[0];
            schema.Add(new ColumnSchema(name, of.Type));
            schema.Add(new ColumnSchema(clause.By.Names.Count > 0 ? clause.By.Names[0] : $"aggregated_{name}", aggregate.Columns[0].Type));
            levels.Add(new TopNestedLevel(of, aggregate, clause.Count is null ? long.MaxValue : Count(clause.Count), clause.Descending));
        }
        return new TopNestedNode(input, new Schema(schema), levels);
    }

    private MakeSeriesNode MakeSeries(PlanNode input, MakeSeriesSyntax series)
    {
        var (keySchema, keys) = GroupKeys(input, series.Keys);
        var axis = WithRows(input, () => Scalar(series.Axis.Value));
        var axisName = series.Axis.Names.Count > 0 ? series.Axis.Names[0] : NameOf(series.Axis.Value) ?? "Column1";
        if (axis.Type is not (KustoType.DateTime or KustoType.TimeSpan) && !axis.Type.IsNumeric())
            throw Error(series.Axis.Value.At, "SEM0106", $"The axis of make-series is a number, datetime or timespan, not {axis.Type.Name()}");
        var rows = new RowScope(Schema.Empty) { Aggregates = [], Input = new RowScope(input.Schema) };
        var schema = new List<ColumnSchema>(keySchema);
        var defaults = new List<Value>();
        foreach (var column in series.Columns)
        {
            if (column.Aggregate.Value is not CallSyntax call || !AggregateFunctions.IsAggregate(call.Name))
                throw Error(column.Aggregate.Value.At, "SEM0090", "make-series needs aggregates");
            WithRows(rows, () => Aggregate(call, rows.Aggregates));
            schema.Add(new ColumnSchema(Unique(column.Aggregate.Names.Count > 0 ? column.Aggregate.Names[0] : rows.Aggregates[^1].Columns[0].Name, schema), KustoType.Dynamic));
            defaults.Add(column.Default is null ? Value.Long(0) : Constant(column.Default));
        }
        schema.Add(new ColumnSchema(Unique(axisName, schema), KustoType.Dynamic));
        var from = series.From is null ? Value.Null : Constant(series.From);
        var to = series.To is null ? Value.Null : Constant(series.To);
        return new MakeSeriesNode(input, new Schema(schema), keys, rows.Aggregates, defaults, axis, from, to, Constant(series.Step));
    }

    private ReduceNode Reduce(PlanNode input, ReduceSyntax reduce)
    {
        var by = ConvertExpression.To(WithRows(input, () => Scalar(reduce.By)), KustoType.String);
        return new ReduceNode(input, by, reduce.Characters is null ? "" : Constant(reduce.Characters).ToString());
    }
}
