namespace Serverless.Local.Kusto;

/// <summary>Scalar expressions.</summary>
internal sealed partial class Binder
{
    private BoundExpression Scalar(ExpressionSyntax syntax)
    {
        if (syntax is LiteralSyntax literal)
            return new ConstantExpression(literal.Value, literal.Type);
        CountNode(syntax.At);
        if (++_depth > MaxDepth)
            throw Error(syntax.At, "SEM0902", $"An expression is more than {MaxDepth} operators deep here");
        var bound = Unbounded(syntax);
        _depth--;
        return bound;
    }

    private BoundExpression Unbounded(ExpressionSyntax syntax)
    {
        switch (syntax)
        {
            case NameSyntax name:
                return Name(name);
            case MemberSyntax member:
                return Member(member);
            case IndexSyntax index:
                return Index(index);
            case UnarySyntax unary:
                return Negate(unary);
            case BinarySyntax { Left: WildcardSyntax { Pattern: "*" } } anywhere when _row is not null:
                return Anywhere(anywhere, _row.Schema);
            case BinarySyntax binary:
                return Binary(binary.At, binary.Operator, Scalar(binary.Left), Scalar(binary.Right));
            case LogicSyntax logic:
                return Fold(new LogicExpression(logic.IsAnd, logic.Operands.Select(Condition).ToArray()));
            case BetweenSyntax between:
                return Between(between);
            case ListOperatorSyntax list:
                return ListOperator(list);
            case CallSyntax call:
                return ScalarCall(call);
            case PipelineSyntax or SourceOperatorSyntax:
                throw Error(syntax.At, "SEM0100", "A scalar is expected here, not a table; toscalar() takes the first value of a table");
            default:
                throw Error(syntax.At, "SEM0100", "A scalar expression is expected here");
        }
    }

    private BoundExpression Condition(ExpressionSyntax syntax)
    {
        var condition = Scalar(syntax);
        if (condition.Type == KustoType.Bool)
            return condition;
        if (condition.Type.IsNumeric())
            return ConvertExpression.To(condition, KustoType.Bool);
        throw Error(syntax.At, "SEM0107", $"A value of type bool is expected, not of type {condition.Type.Name()}");
    }

    /// <summary>A constant expression as its value.</summary>
    private BoundExpression Fold(BoundExpression expression) =>
        expression is ConstantExpression || !expression.IsConstant || expression.IsWindow
            ? expression
            : new ConstantExpression(expression.Evaluate(new Batch([], 1), _context)[0], expression.Type);

    private BoundExpression Name(NameSyntax name)
    {
        if (_row is not null)
        {
            var ordinal = _row.Schema.Find(name.Name);
            if (ordinal >= 0)
                return new ColumnExpression(ordinal, name.Name, _row.Schema[ordinal].Type);
        }
        if (_scope.TryGet(name.Name, out var entry) && entry is ScalarEntry scalar)
        {
            if (!scalar.Expression.IsConstant && scalar.Owner != _owner)
                throw Error(name.At, "SEM0007", $"'{name.Name}' has another value in each row, and cannot be used in a query of its own");
            return scalar.Expression;
        }
        if (name.Name == "null")
            return new ConstantExpression(Value.Null, KustoType.Dynamic);
        throw Error(name.At, "SEM0100", $"Failed to resolve column or scalar expression named '{name.Name}'");
    }

    private BoundExpression Member(MemberSyntax member)
    {
        if (member.Target is NameSyntax name && _row is not null && _row.Structs.TryGetValue(name.Name, out var members))
            return members(member.Name) ?? throw Error(member.At, "SEM0100", $"'{name.Name}' has no '{member.Name}'");
        return Access(member.At, Scalar(member.Target), new ConstantExpression(Value.String(member.Name), KustoType.String));
    }

    private BoundExpression Index(IndexSyntax index) => Access(index.At, Scalar(index.Target), Scalar(index.Index));

    private BoundExpression Access(int at, BoundExpression target, BoundExpression key)
    {
        if (target.Type != KustoType.Dynamic)
            throw Error(at, "SEM0106", $"Only a dynamic value has members and elements; this one is of type {target.Type.Name()}");
        if (key is ConstantExpression { Value: { Kind: ValueKind.String } text })
        {
            var member = text.AsString;
            return Fold(new FunctionExpression(KustoType.Dynamic, (a, _, _) => Kernels.Map<Value, Value>(KustoType.Dynamic, a[0], value => JsonPath.Member(value, member)), true, false, target));
        }
        return Fold(new FunctionExpression(KustoType.Dynamic, Kernels.Rows(KustoType.Dynamic, false, (row, _) => JsonPath.Access(row[0], row[1])), true, false, target, key));
    }

    private BoundExpression Negate(UnarySyntax unary)
    {
        var operand = Scalar(unary.Operand);
        if (operand is ConstantExpression { Value: { IsNull: false } value })
        {
            if (value.IsInteger)
                return new ConstantExpression(Value.Long(-value.AsLong), KustoType.Long);
            if (value.Kind == ValueKind.Real)
                return new ConstantExpression(Value.Real(-value.AsReal), KustoType.Real);
        }
        var zero = operand.Type switch
        {
            KustoType.TimeSpan => Value.TimeSpan(0),
            _ when operand.Type.IsNumeric() || operand.Type == KustoType.Dynamic => Value.Long(0),
            _ => throw Error(unary.At, "SEM0106", $"The operator '-' is not defined for the type {operand.Type.Name()}"),
        };
        return Binary(unary.At, "-", new ConstantExpression(zero, operand.Type == KustoType.TimeSpan ? KustoType.TimeSpan : KustoType.Long), operand);
    }

    private BoundExpression Binary(int at, string op, BoundExpression left, BoundExpression right)
    {
        if (BinaryOperators.Bind(op, left, right) is { } bound)
            return Fold(bound);
        if (op is "==" or "!=" or "<" or ">" or "<=" or ">=")
            throw Error(at, "SEM0064", $"Cannot compare values of types {left.Type.Name()} and {right.Type.Name()}. Try adding explicit casts");
        throw Error(at, "SEM0106", $"The operator '{op}' is not defined for the operand types {left.Type.Name()} and {right.Type.Name()}");
    }

    /// <summary>* has 'x': in any of the columns that are strings.</summary>
    private BoundExpression Anywhere(BinarySyntax syntax, Schema schema)
    {
        var right = Scalar(syntax.Right);
        var columns = AllColumns(schema).Where(column => column.Type is KustoType.String or KustoType.Dynamic).Select(column => Binary(syntax.At, syntax.Operator, column, right)).ToList();
        return columns.Count == 0 ? new ConstantExpression(Value.Bool(false), KustoType.Bool) : new LogicExpression(false, columns);
    }

    private BoundExpression Between(BetweenSyntax between)
    {
        var operand = Scalar(between.Operand);
        var from = Scalar(between.From);
        var to = Scalar(between.To);
        if (from.Type == KustoType.DateTime && to.Type == KustoType.TimeSpan)
            to = Binary(between.At, "+", from, to);
        var inside = Fold(new LogicExpression(true, [Binary(between.At, ">=", operand, from), Binary(between.At, "<=", operand, to)]));
        return between.Negated ? Apply("not", between.At, [inside]) : inside;
    }

    private BoundExpression ListOperator(ListOperatorSyntax syntax)
    {
        var left = Scalar(syntax.Left);
        var items = new List<BoundExpression>();
        foreach (var item in syntax.Items)
        {
            if (TryTabular(item) is not { } table)
            {
                items.Add(Scalar(item));
                continue;
            }
            // A table on the right: its first column.
            foreach (var batch in Run(table))
            {
                for (var i = 0; i < batch.Count; i++)
                    items.Add(new ConstantExpression(batch.Columns[0][i], table.Schema[0].Type));
            }
        }
        var negated = syntax.Operator[0] == '!';
        var op = negated ? syntax.Operator[1..] : syntax.Operator;
        if (op is "has_any" or "has_all" && left.Type is not (KustoType.String or KustoType.Dynamic))
            throw Error(syntax.At, "SEM0106", $"The operator '{syntax.Operator}' is not defined for the type {left.Type.Name()}");
        if (op == "in" && left.Type != KustoType.Dynamic)
        {
            var other = items.FirstOrDefault(item => item.Type != KustoType.Dynamic && item.Type != left.Type && !(item.Type.IsNumeric() && left.Type.IsNumeric()));
            if (other is not null)
                throw Error(syntax.At, "SEM0064", $"Cannot compare values of types {left.Type.Name()} and {other.Type.Name()}. Try adding explicit casts");
        }
        return Fold(ListMembership.Bind(op, negated, left, items));
    }
}
