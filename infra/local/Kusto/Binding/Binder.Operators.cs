namespace Serverless.Local.Kusto;

/// <summary>The operators that shape one table.</summary>
internal sealed partial class Binder
{
    private PlanNode Source(OperatorSyntax syntax) => syntax switch
    {
        PrintSyntax print => Print(print),
        DatatableSyntax table => Datatable(table),
        RangeSyntax range => Range(range),
        UnionSyntax union => Union(null, union),
        SearchSyntax search => Search(null, search),
        _ => throw Error(syntax.At, "SEM0101", "This operator needs an input: a table and '|' before it"),
    };

    private PlanNode Operator(PlanNode input, OperatorSyntax syntax)
    {
        switch (syntax)
        {
            case WhereSyntax where:
                var condition = WithRows(input, () => Condition(where.Condition));
                CheckWindow(where.At, input, condition);
                return new FilterNode(Bounded(input, condition), condition);
            case ExtendSyntax extend:
                return Extend(input, extend);
            case ProjectSyntax project:
                return Project(input, project.Columns, project.At, "Column");
            case ProjectNamesSyntax { Kind: "project-rename" } rename:
                return Rename(input, rename);
            case ProjectNamesSyntax names:
                return ProjectNames(input, names);
            case SummarizeSyntax summarize:
                return Summarize(input, summarize.Aggregates, summarize.Keys);
            case SortSyntax sort:
                return new SortNode(input, Keys(input, sort.Keys));
            case TopSyntax top:
                return new TopNode(input, Count(top.Count), Keys(input, top.Keys));
            case TakeSyntax take:
                var count = Count(take.Count);
                return new TakeNode(input is ScanNode scan ? scan.With(count) : input, count);
            case CountSyntax:
                return new AggregateNode(input, new Schema([new("Count", KustoType.Long)]), [], [new BoundAggregate([], [new("Count", KustoType.Long)], () => new CountAggregator())]);
            case DistinctSyntax distinct:
                var columns = distinct.Columns is [{ Value: WildcardSyntax { Pattern: "*" } }]
                    ? input.Schema.Columns.Select(column => new NamedExpressionSyntax([], new NameSyntax(distinct.At, column.Name))).ToList()
                    : distinct.Columns;
                return Summarize(input, [], columns);
            case JoinSyntax join:
                return Join(input, join);
            case UnionSyntax union:
                return Union(input, union);
            case SearchSyntax search:
                return Search(input, search);
            case ExpandSyntax expand:
                return Expand(input, expand);
            case ParseSyntax parse:
                return Parse(input, parse);
            case ParseKeyValueSyntax keyValue:
                return ParseKeyValue(input, keyValue);
            case InvokeSyntax invoke:
                return Invoke(input, invoke.Call);
            case PartitionSyntax partition:
                return Partition(input, partition);
            case EvaluateSyntax evaluate:
                return Evaluate(input, evaluate.Call);
            case ScanSyntax steps:
                return Scan(input, steps);
            case TopNestedSyntax nested:
                return TopNested(input, nested);
            case ReduceSyntax reduce:
                return Reduce(input, reduce);
            case MakeSeriesSyntax series:
                return MakeSeries(input, series);
            case SimpleSyntax { Kind: "getschema" }:
                return GetSchema(input);
            case SimpleSyntax { Kind: "consume" }:
                return new TakeNode(input, 0);
            case SimpleSyntax { Kind: "as", Argument: { } name }:
                var named = new MaterializeNode(input);
                _scope.Set(name, new TableEntry(named));
                return named;
            case SimpleSyntax:
                return input;
            default:
                throw Error(syntax.At, "SEM0101", "This operator cannot be used behind '|' here");
        }
    }

    private void CheckWindow(int at, PlanNode input, BoundExpression expression)
    {
        if (expression.IsWindow && !input.IsSerialized)
            throw Error(at, "SEM0120", "Window functions (prev, next, row_number and the like) need rows in order: put 'sort by' or 'serialize' before");
    }

    private long Count(ExpressionSyntax syntax)
    {
        var count = Constant(syntax);
        return count.IsInteger && count.AsLong >= 0 ? count.AsLong : throw Error(syntax.At, "SEM0007", "A number of rows is expected: an integer from 0");
    }

    /// <summary>The input, narrowed to the times that the condition bounds where it is a table itself.</summary>
    private static PlanNode Bounded(PlanNode input, BoundExpression condition)
    {
        if (input is FilterNode { Inputs: [ScanNode] } inner)
            return inner;
        if (input is not ScanNode scan)
            return input;
        foreach (var bound in TimeBounds.Of(condition, scan.Schema))
            scan = scan.With(bound);
        return scan;
    }

    private List<SortKey> Keys(PlanNode input, IReadOnlyList<OrderSyntax> keys) => WithRows(input, () => keys.Select(order =>
    {
        var key = Scalar(order.Key);
        if (key.Type == KustoType.Dynamic)
            throw Error(order.Key.At, "SEM0116", "A dynamic value cannot be sorted by: cast it first (tostring, tolong, …)");
        return new SortKey(key, order.Descending, order.NullsFirst);
    }).ToList());

    private BatchNode Print(PrintSyntax print)
    {
        var node = Project(new BatchNode(Schema.Empty, new Batch([], 1)), print.Columns, print.At, "print_");
        return new BatchNode(node.Schema, Run(node)[0]);
    }

    private BatchNode Datatable(DatatableSyntax table)
    {
        var width = table.Columns.Count;
        if (width == 0)
            throw Error(table.At, "SEM0101", "A datatable needs a column");
        if (table.Values.Count % width != 0)
            throw Error(table.At, "SEM0101", $"The datatable has {table.Values.Count} values, which does not fill rows of {width} columns");
        var builders = table.Columns.Select(column => ColumnBuilder.Create(column.Type, table.Values.Count / width)).ToArray();
        for (var i = 0; i < table.Values.Count; i++)
        {
            var type = table.Columns[i % width].Type;
            var value = Constant(table.Values[i]);
            builders[i % width].Append(type == KustoType.Dynamic ? value : Conversion.To(value, type));
        }
        var schema = new Schema(table.Columns.Select(column => new ColumnSchema(column.Name, column.Type)));
        return new BatchNode(schema, new Batch(builders.Select(builder => builder.Build()).ToArray(), table.Values.Count / width));
    }

    private RangeNode Range(RangeSyntax range)
    {
        var (from, to, step) = (Scalar(range.From), Scalar(range.To), Scalar(range.Step));
        var type = from.Type.IsNumeric() ? KustoTypes.Common(KustoTypes.Common(from.Type, to.Type), step.Type) : from.Type;
        if (type is KustoType.Int or KustoType.Decimal)
            type = type == KustoType.Int ? KustoType.Long : KustoType.Real;
        if (type is not (KustoType.Long or KustoType.Real or KustoType.DateTime or KustoType.TimeSpan))
            throw Error(range.At, "SEM0106", $"range goes over numbers, datetime and timespan, not over {type.Name()}");
        return new RangeNode(range.Name, type, Conversion.To(Constant(range.From), type), Conversion.To(Constant(range.To), type), type == KustoType.DateTime ? Constant(range.Step) : Conversion.To(Constant(range.Step), type));
    }

    private static BatchNode GetSchema(PlanNode input)
    {
        var schema = new Schema([new("ColumnName", KustoType.String), new("ColumnOrdinal", KustoType.Int), new("DataType", KustoType.String), new("ColumnType", KustoType.String)]);
        string[] clr = ["System.SByte", "System.Int32", "System.Int64", "System.Double", "System.Data.SqlTypes.SqlDecimal", "System.String", "System.DateTime", "System.TimeSpan", "System.Guid", "System.Object"];
        var builders = schema.Columns.Select(column => ColumnBuilder.Create(column.Type)).ToArray();
        for (var i = 0; i < input.Schema.Count; i++)
        {
            builders[0].Append(Value.String(input.Schema[i].Name));
            builders[1].Append(Value.Int(i));
            builders[2].Append(Value.String(clr[(int)input.Schema[i].Type]));
            builders[3].Append(Value.String(input.Schema[i].Type.Name()));
        }
        return new BatchNode(schema, new Batch(builders.Select(builder => builder.Build()).ToArray(), input.Schema.Count));
    }

    private PlanNode Invoke(PlanNode input, CallSyntax call)
    {
        if (!_scope.TryGet(call.Name, out var entry) || entry is not FunctionEntry function)
            throw Error(call.At, "SEM0260", $"Unknown function: '{call.Name}'");
        return Call(function, call.Name, call.Arguments, call.At, input) as PlanNode ?? throw Error(call.At, "SEM0101", $"'{call.Name}' gives no table");
    }

    private PartitionNode Partition(PlanNode input, PartitionSyntax partition)
    {
        var key = WithRows(input, () => Scalar(partition.Key));
        var source = new SourceNode(input.Schema);
        return new PartitionNode(input, key, source, Operators(source, partition.Subquery));
    }
}
