namespace Serverless.Local.Kusto;

/// <summary>Operators over several tables.</summary>
internal sealed partial class Binder
{
    private JoinNode Join(PlanNode left, JoinSyntax join)
    {
        var right = Tabular(join.Right);
        var kind = join.Kind switch
        {
            "innerunique" => JoinKind.InnerUnique,
            "inner" => JoinKind.Inner,
            "leftouter" => JoinKind.LeftOuter,
            "rightouter" => JoinKind.RightOuter,
            "fullouter" => JoinKind.FullOuter,
            "leftsemi" => JoinKind.LeftSemi,
            "leftanti" or "anti" or "leftantisemi" => JoinKind.LeftAnti,
            "rightsemi" => JoinKind.RightSemi,
            "rightanti" or "rightantisemi" => JoinKind.RightAnti,
            _ => throw Error(join.At, "SEM0058", $"'{join.Kind}' is no kind of join; kinds are innerunique, inner, leftouter, rightouter, fullouter, leftsemi, leftanti, rightsemi and rightanti"),
        };
        if (join.IsLookup && kind is not (JoinKind.LeftOuter or JoinKind.Inner))
            throw Error(join.At, "SEM0058", "A lookup is of kind leftouter or inner");
        var (leftKeys, rightKeys) = (new List<BoundExpression>(), new List<BoundExpression>());
        foreach (var condition in join.On.SelectMany(on => on is LogicSyntax { IsAnd: true } and ? and.Operands : [on]))
            JoinKey(left, right, condition, leftKeys, rightKeys);
        var keyColumns = rightKeys.Select(key => (key as ColumnExpression ?? key.Operands[0] as ColumnExpression)!.Ordinal).ToHashSet();
        var rightColumns = Enumerable.Range(0, right.Schema.Count).Where(i => !join.IsLookup || !keyColumns.Contains(i)).ToArray();
        var schema = kind switch
        {
            JoinKind.LeftSemi or JoinKind.LeftAnti => left.Schema.Columns.ToList(),
            JoinKind.RightSemi or JoinKind.RightAnti => [],
            _ => left.Schema.Columns.ToList(),
        };
        if (kind is not (JoinKind.LeftSemi or JoinKind.LeftAnti))
        {
            foreach (var column in rightColumns)
                schema.Add(right.Schema[column] with { Name = Unique(right.Schema[column].Name, schema) });
        }
        return new JoinNode(left, right, kind, new Schema(schema), leftKeys, rightKeys, rightColumns);
    }

    private void JoinKey(PlanNode left, PlanNode right, ExpressionSyntax condition, List<BoundExpression> leftKeys, List<BoundExpression> rightKeys)
    {
        BoundExpression? l = null;
        BoundExpression? r = null;
        switch (condition)
        {
            case NameSyntax name:
                l = WithRows(left, () => Name(name));
                r = WithRows(right, () => Name(name));
                break;
            case BinarySyntax { Operator: "==", Left: MemberSyntax { Target: NameSyntax first } a, Right: MemberSyntax { Target: NameSyntax second } b }:
                if (first.Name == "$right")
                    (a, b) = (b, a);
                if ((first.Name, second.Name) is not (("$left", "$right") or ("$right", "$left")))
                    break;
                l = WithRows(left, () => Name(new NameSyntax(a.At, a.Name)));
                r = WithRows(right, () => Name(new NameSyntax(b.At, b.Name)));
                break;
        }
        if (l is null || r is null)
            throw Error(condition.At, "SEM0145", "A join's condition is a column that both sides have, or $left.a == $right.b");
        if (l.Type != r.Type && !(l.Type.IsNumeric() && r.Type.IsNumeric()))
            throw Error(condition.At, "SEM0064", $"Cannot join values of types {l.Type.Name()} and {r.Type.Name()}. Try adding explicit casts");
        if (l.Type == KustoType.Dynamic)
            throw Error(condition.At, "SEM0116", "A dynamic value cannot be joined by: cast it first (tostring, tolong, …)");
        var type = KustoTypes.Common(l.Type, r.Type);
        leftKeys.Add(ConvertExpression.To(l, type));
        rightKeys.Add(ConvertExpression.To(r, type));
    }

    private PlanNode Union(PlanNode? input, UnionSyntax union)
    {
        var legs = new List<(string Name, PlanNode Plan)>();
        if (input is not null)
            legs.Add(("union_arg0", input));
        foreach (var table in union.Tables)
        {
            if (table is WildcardSyntax wildcard)
            {
                legs.AddRange(Named(wildcard.Pattern[..^1]));
                continue;
            }
            var plan = union.IsFuzzy ? FuzzyTabular(table) : Tabular(table);
            if (plan is not null)
                legs.Add((table is NameSyntax name ? name.Name : $"union_arg{legs.Count}", plan));
        }
        if (legs.Count == 0)
            throw Error(union.At, "SEM0101", "union has no table");
        return UnionNode.Of(legs.Select(leg => leg.Plan).ToList(), legs.Select(leg => leg.Name).ToList(), union.WithSource, union.Inner);
    }

    /// <summary>With isfuzzy a table that is not there is left out.</summary>
    private PlanNode? FuzzyTabular(ExpressionSyntax syntax) => syntax is NameSyntax ? TryTabular(syntax) : Tabular(syntax);

    /// <summary>The tables and views whose name starts so.</summary>
    private List<(string Name, PlanNode Plan)> Named(string prefix)
    {
        var found = new List<(string, PlanNode)>();
        foreach (var (name, entry) in _scope.Visible().Where(item => item.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            if (entry is FunctionEntry { Syntax: { IsView: true, Parameters.Count: 0 } } && TryTabular(new NameSyntax(0, name)) is { } view)
                found.Add((name, view));
        }
        found.AddRange(_tables.Values.Where(table => table.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(table => (table.Name, (PlanNode)new ScanNode(table, [], null))));
        return found;
    }

    private PlanNode Search(PlanNode? input, SearchSyntax search)
    {
        List<(string Name, PlanNode Plan)> legs;
        if (input is not null)
            legs = [("", input)];
        else if (search.Tables.Count > 0)
            legs = search.Tables.Select(table => (table is NameSyntax name ? name.Name : "", Tabular(table))).ToList();
        else
            legs = Named("");
        var found = new List<(string Name, PlanNode Plan)>();
        KustoException? last = null;
        foreach (var (name, plan) in legs)
        {
            try
            {
                found.Add((name, new FilterNode(plan, WithRows(plan, () => SearchCondition(search.Condition, plan.Schema, search.CaseSensitive)))));
            }
            catch (KustoException exception) when (exception.Kind == KustoErrorKind.Semantic && legs.Count > 1)
            {
                // A table without the columns that are named has no match.
                last = exception;
            }
        }
        if (found.Count == 0)
            throw last ?? Error(search.At, "SEM0101", "search has no table to look into");
        return UnionNode.Of(found.Select(leg => leg.Plan).ToList(), found.Select(leg => leg.Name).ToList(), "$table", false);
    }

    /// <summary>A text alone is looked for in every string column.</summary>
    private BoundExpression SearchCondition(ExpressionSyntax syntax, Schema schema, bool caseSensitive)
    {
        switch (syntax)
        {
            case LogicSyntax logic:
                return Fold(new LogicExpression(logic.IsAnd, logic.Operands.Select(operand => SearchCondition(operand, schema, caseSensitive)).ToList()));
            case LiteralSyntax { Type: KustoType.String } text:
                var columns = AllColumns(schema).Where(column => column.Type is KustoType.String or KustoType.Dynamic);
                var matches = columns.Select(column => Binary(text.At, caseSensitive ? "has_cs" : "has", column, new ConstantExpression(text.Value, KustoType.String))).ToList();
                return matches.Count == 0 ? new ConstantExpression(Value.Bool(false), KustoType.Bool) : new LogicExpression(false, matches);
            default:
                return Condition(syntax);
        }
    }

    private PlanNode Expand(PlanNode input, ExpandSyntax expand)
    {
        if (expand.Subquery is null)
            return ExpandRows(input, expand);
        var row = new SourceNode(input.Schema);
        var rows = ExpandRows(row, expand);
        var source = new SourceNode(rows.Schema);
        var subquery = Operators(source, expand.Subquery);
        // What the subquery gives under a name takes the place of the row's own column.
        var kept = Enumerable.Range(0, input.Schema.Count).Where(i => subquery.Schema.Find(input.Schema[i].Name) < 0).ToArray();
        var schema = new Schema(kept.Select(i => input.Schema[i]).Concat(subquery.Schema.Columns));
        return new ApplyNode(input, row, source, rows, subquery, schema, kept);
    }

    private ExpandNode ExpandRows(PlanNode input, ExpandSyntax expand)
    {
        var schema = input.Schema.Columns.ToList();
        var values = new List<BoundExpression>();
        var types = new List<KustoType>();
        var ordinals = new List<int>();
        foreach (var column in expand.Columns)
        {
            var value = WithRows(input, () => Scalar(column.Value));
            if (value.Type != KustoType.Dynamic)
                throw Error(column.At, "SEM0106", $"Only a dynamic value can be expanded; this one is of type {value.Type.Name()}");
            var type = column.Type ?? KustoType.Dynamic;
            var name = column.Name ?? NameOf(column.Value) ?? "Column1";
            var ordinal = schema.FindIndex(one => one.Name == name);
            if (ordinal < 0)
            {
                ordinal = schema.Count;
                schema.Add(default);
            }
            schema[ordinal] = new ColumnSchema(name, type);
            values.Add(value);
            types.Add(type);
            ordinals.Add(ordinal);
        }
        if (expand.ItemIndex is not null)
            schema.Add(new ColumnSchema(expand.ItemIndex, KustoType.Long));
        return new ExpandNode(input, new Schema(schema), values, [.. ordinals], types, expand.ArrayOfPairs, expand.ItemIndex is not null, expand.Limit is null ? int.MaxValue : Count(expand.Limit));
    }
}
