using System.Numerics;

namespace Serverless.Local.Kusto;

/// <summary>Arithmetic and comparison by the types of their operands.</summary>
internal static class BinaryOperators
{
    /// <summary>The expression; null where the operator is not defined for the types.</summary>
    public static BoundExpression? Bind(string op, BoundExpression left, BoundExpression right) => op switch
    {
        "+" or "-" or "*" or "/" or "%" => Arithmetic(op, left, right),
        "<" or ">" or "<=" or ">=" or "==" or "!=" => Comparison(op, left, right),
        _ => StringOperators.Bind(op, left, right),
    };

    private static BoundExpression? Arithmetic(string op, BoundExpression left, BoundExpression right)
    {
        var (l, r) = (left.Type, right.Type);
        if (l.IsNumeric() && r.IsNumeric())
        {
            var type = KustoTypes.Common(l, r) is var common && common == KustoType.Int ? KustoType.Long : common;
            VectorFunction function = type switch
            {
                KustoType.Long => (a, n, _) => Integers(op, type, a[0], a[1], n),
                KustoType.Real => (a, n, _) => Reals(op, a[0], a[1], n),
                _ => (a, n, _) => Decimals(op, a[0], a[1], n),
            };
            return Apply(type, function, ConvertExpression.To(left, type), ConvertExpression.To(right, type));
        }
        switch (op, l, r)
        {
            case ("-", KustoType.DateTime, KustoType.DateTime):
                return Apply(KustoType.TimeSpan, (a, n, _) => Integers(op, KustoType.TimeSpan, a[0], a[1], n), left, right);
            case ("+" or "-", KustoType.DateTime, KustoType.TimeSpan):
                return Apply(KustoType.DateTime, (a, n, _) => Times(op, a[0], a[1], n), left, right);
            case ("+", KustoType.TimeSpan, KustoType.DateTime):
                return Apply(KustoType.DateTime, (a, n, _) => Times(op, a[1], a[0], n), left, right);
            case ("+" or "-" or "%", KustoType.TimeSpan, KustoType.TimeSpan):
                return Apply(KustoType.TimeSpan, (a, n, _) => Integers(op, KustoType.TimeSpan, a[0], a[1], n), left, right);
            case ("/", KustoType.TimeSpan, KustoType.TimeSpan):
                return Apply(KustoType.Real, (a, n, _) => Kernels.MapNullable<long, long, double>(KustoType.Real, a[0], a[1], n, (x, y) => (double)x / y), left, right);
            case ("%", KustoType.DateTime, KustoType.TimeSpan):
                return Apply(KustoType.TimeSpan, (a, n, _) => Integers(op, KustoType.TimeSpan, a[0], a[1], n), left, right);
        }
        if (l == KustoType.TimeSpan && r.IsNumeric() && op is "*" or "/")
            return Scaled(op, left, right);
        if (r == KustoType.TimeSpan && l.IsNumeric() && op == "*")
            return Scaled(op, right, left);
        if ((l == KustoType.Dynamic && (r.IsNumeric() || r == KustoType.Dynamic)) || (r == KustoType.Dynamic && l.IsNumeric()))
            return Dynamics(op, left, right);
        return null;
    }

    /// <summary>A span times or divided by a number.</summary>
    private static BoundExpression? Scaled(string op, BoundExpression span, BoundExpression number)
    {
        if (span.Type != KustoType.TimeSpan)
            return null;
        if (number.Type.IsInteger() && op == "*")
            return Apply(KustoType.TimeSpan, (a, n, _) => Integers(op, KustoType.TimeSpan, a[0], a[1], n), span, number);
        return Apply(
            KustoType.TimeSpan,
            (a, n, _) => Kernels.MapNullable<long, double, long>(KustoType.TimeSpan, a[0], a[1], n, (x, y) => Ticks(op == "*" ? x * y : x / y)),
            span,
            ConvertExpression.To(number, KustoType.Real));
    }

    private static long? Ticks(double ticks) => Math.Abs(ticks) < long.MaxValue ? (long)ticks : null;

    /// <summary>Numbers in dynamic values: reals, unless both are integers.</summary>
    private static FunctionExpression Dynamics(string op, BoundExpression left, BoundExpression right) => Apply(
        KustoType.Dynamic,
        Kernels.Rows(KustoType.Dynamic, false, (row, _) =>
        {
            if (!row[0].IsNumber || !row[1].IsNumber)
                return Value.Null;
            if (row[0].IsInteger && row[1].IsInteger)
                return Integer(op, row[0].AsLong, row[1].AsLong) is { } whole ? Value.Long(whole) : Value.Null;
            return Value.Real(Real(op, row[0].Number, row[1].Number));
        }),
        left,
        right);

    private static Column Times(string op, Column time, Column span, int count) =>
        Kernels.MapNullable<long, long, long>(KustoType.DateTime, time, span, count, (x, y) =>
        {
            var ticks = op == "+" ? x + y : x - y;
            return ticks < 0 || ticks > DateTime.MaxValue.Ticks ? null : ticks;
        });

    private static Column Integers(string op, KustoType type, Column left, Column right, int count) => op switch
    {
        "+" => Kernels.Map<long, long, long>(type, left, right, count, (x, y) => x + y),
        "-" => Kernels.Map<long, long, long>(type, left, right, count, (x, y) => x - y),
        "*" => Kernels.Map<long, long, long>(type, left, right, count, (x, y) => x * y),
        _ => Kernels.MapNullable<long, long, long>(type, left, right, count, (x, y) => Integer(op, x, y)),
    };

    /// <summary>A remainder is never negative; a division by 0 has no result.</summary>
    private static long? Integer(string op, long left, long right)
    {
        if (op is "/" or "%" && (right == 0 || (left == long.MinValue && right == -1)))
            return null;
        if (op == "%")
        {
            var rest = left % right;
            return rest < 0 ? rest + Math.Abs(right) : rest;
        }
        return op switch { "+" => left + right, "-" => left - right, "*" => left * right, _ => left / right };
    }

    private static Column Reals(string op, Column left, Column right, int count) => op switch
    {
        "+" => Kernels.Map<double, double, double>(KustoType.Real, left, right, count, (x, y) => x + y),
        "-" => Kernels.Map<double, double, double>(KustoType.Real, left, right, count, (x, y) => x - y),
        "*" => Kernels.Map<double, double, double>(KustoType.Real, left, right, count, (x, y) => x * y),
        _ => Kernels.Map<double, double, double>(KustoType.Real, left, right, count, (x, y) => Real(op, x, y)),
    };

    private static double Real(string op, double left, double right)
    {
        if (op == "%")
        {
            var rest = left % right;
            return rest < 0 ? rest + Math.Abs(right) : rest;
        }
        return op switch { "+" => left + right, "-" => left - right, "*" => left * right, _ => left / right };
    }

    private static Column Decimals(string op, Column left, Column right, int count) => Kernels.MapNullable<decimal, decimal, decimal>(
        KustoType.Decimal, left, right, count, (x, y) =>
        {
            try
            {
                return op switch
                {
                    "+" => x + y,
                    "-" => x - y,
                    "*" => x * y,
                    _ when y == 0 => null,
                    "/" => x / y,
                    _ => x % y < 0 ? x % y + Math.Abs(y) : x % y,
                };
            }
            catch (OverflowException)
            {
                return null;
            }
        });

    private static BoundExpression? Comparison(string op, BoundExpression left, BoundExpression right)
    {
        var (l, r) = (left.Type, right.Type);
        if (l.IsNumeric() && r.IsNumeric())
        {
            var type = KustoTypes.Common(l, r) is var common && common == KustoType.Int ? KustoType.Long : common;
            VectorFunction function = type switch
            {
                KustoType.Long => (a, n, _) => Compare<long>(op, a[0], a[1], n),
                KustoType.Real => (a, n, _) => Compare<double>(op, a[0], a[1], n),
                _ => (a, n, _) => Compare<decimal>(op, a[0], a[1], n),
            };
            return Compared(op, function, ConvertExpression.To(left, type), ConvertExpression.To(right, type));
        }
        if (l == r && l is KustoType.DateTime or KustoType.TimeSpan)
            return Compared(op, (a, n, _) => Compare<long>(op, a[0], a[1], n), left, right);
        if (l == KustoType.String && r == KustoType.String)
            return Compared(op, (a, n, _) => Strings(op, a[0], a[1], n), left, right);
        if (l != r && l != KustoType.Dynamic && r != KustoType.Dynamic)
            return null;
        return Compared(op, Kernels.Rows(KustoType.Bool, true, (row, _) => Values(op, row[0], row[1])), left, right);
    }

    private static Column Strings(string op, Column left, Column right, int count) => op switch
    {
        "==" => Kernels.Map<string, string, bool>(KustoType.Bool, left, right, count, (x, y) => x == y),
        "!=" => Kernels.Map<string, string, bool>(KustoType.Bool, left, right, count, (x, y) => x != y),
        _ => Kernels.Map<string, string, bool>(KustoType.Bool, left, right, count, (x, y) => Holds(op, string.CompareOrdinal(x, y))),
    };

    private static Column Compare<T>(string op, Column left, Column right, int count)
        where T : IComparisonOperators<T, T, bool>
    {
        var a = (VectorColumn<T>)left;
        var b = (VectorColumn<T>)right;
        var values = new bool[count];
        switch (op)
        {
            case "==":
                for (var i = 0; i < count; i++)
                    values[i] = a.At(i) == b.At(i);
                break;
            case "!=":
                for (var i = 0; i < count; i++)
                    values[i] = a.At(i) != b.At(i);
                break;
            case "<":
                for (var i = 0; i < count; i++)
                    values[i] = a.At(i) < b.At(i);
                break;
            case ">":
                for (var i = 0; i < count; i++)
                    values[i] = a.At(i) > b.At(i);
                break;
            case "<=":
                for (var i = 0; i < count; i++)
                    values[i] = a.At(i) <= b.At(i);
                break;
            default:
                for (var i = 0; i < count; i++)
                    values[i] = a.At(i) >= b.At(i);
                break;
        }
        return new VectorColumn<bool>(KustoType.Bool, values, Unknown(op, a, b, values, count), count);
    }

    /// <summary>Against one null, == is false and != true; anything else, and two nulls, have no answer.</summary>
    private static bool[]? Unknown<T>(string op, VectorColumn<T> left, VectorColumn<T> right, bool[] values, int count)
    {
        if (!left.HasNulls && !right.HasNulls)
            return null;
        var nulls = new bool[count];
        for (var i = 0; i < count; i++)
        {
            var (l, r) = (left.NullAt(i), right.NullAt(i));
            if (!l && !r)
                continue;
            if (l != r && op is "==" or "!=")
                values[i] = op == "!=";
            else
                nulls[i] = true;
        }
        return nulls;
    }

    private static Value Values(string op, Value left, Value right)
    {
        if (left.IsNull || right.IsNull)
            return left.IsNull != right.IsNull && op is "==" or "!=" ? Value.Bool(op == "!=") : Value.Null;
        if (ValueComparer.Compare(left, right) is { } order)
            return Value.Bool(Holds(op, order));
        return Value.Bool(op == "!=");
    }

    public static bool Holds(string op, int order) => op switch
    {
        "==" => order == 0,
        "!=" => order != 0,
        "<" => order < 0,
        ">" => order > 0,
        "<=" => order <= 0,
        _ => order >= 0,
    };

    private static ComparisonExpression Compared(string op, VectorFunction function, BoundExpression left, BoundExpression right) => new(op, function, left, right);

    private static FunctionExpression Apply(KustoType type, VectorFunction function, params BoundExpression[] operands) => new(type, function, true, false, operands);
}
