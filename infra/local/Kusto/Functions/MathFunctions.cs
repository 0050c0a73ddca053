namespace Serverless.Local.Kusto;

/// <summary>Numbers.</summary>
internal static class MathFunctions
{
    public static void Register(FunctionTable table)
    {
        Real(table, "exp", Math.Exp);
        Real(table, "exp2", x => Math.Pow(2, x));
        Real(table, "exp10", x => Math.Pow(10, x));
        Real(table, "log", Math.Log);
        Real(table, "log2", Math.Log2);
        Real(table, "log10", Math.Log10);
        Real(table, "sqrt", Math.Sqrt);
        Real(table, "sin", Math.Sin);
        Real(table, "cos", Math.Cos);
        Real(table, "tan", Math.Tan);
        Real(table, "asin", Math.Asin);
        Real(table, "acos", Math.Acos);
        Real(table, "atan", Math.Atan);
        Real(table, "cot", x => 1 / Math.Tan(x));
        Real(table, "degrees", x => x * 180 / Math.PI);
        Real(table, "radians", x => x * Math.PI / 180);
        table.Row("atan2", "rr", 'r', a => Value.Real(Math.Atan2(a[0].AsReal, a[1].AsReal)));
        table.Row("pow", "rr", 'r', a => Value.Real(Math.Pow(a[0].AsReal, a[1].AsReal)));
        table.Row("pi", "", 'r', _ => Value.Real(Math.PI));
        table.Row("isnan", "r", 'b', a => Value.Bool(double.IsNaN(a[0].AsReal)));
        table.Row("isinf", "r", 'b', a => Value.Bool(double.IsInfinity(a[0].AsReal)));
        table.Row("isfinite", "r", 'b', a => Value.Bool(double.IsFinite(a[0].AsReal)));
        table.Row("abs", "q", '0', a => Signed(a[0], Math.Abs, x => x == long.MinValue ? x : Math.Abs(x), Math.Abs));
        table.Row("ceiling", "n", '0', a => Signed(a[0], Math.Ceiling, x => x, Math.Ceiling));
        table.Row("sign", "n", '0', a => Signed(a[0], x => double.IsNaN(x) ? x : Math.Sign(x), x => Math.Sign(x), x => Math.Sign(x)));
        table.Row("round", "nl?", '0', Round);
        table.Row("min_of", "a+", 'c', a => Extreme(a, -1), FunctionOptions.SeesNulls);
        table.Row("max_of", "a+", 'c', a => Extreme(a, 1), FunctionOptions.SeesNulls);
        table.Row("binary_and", "ll", 'l', a => Value.Long(a[0].AsLong & a[1].AsLong));
        table.Row("binary_or", "ll", 'l', a => Value.Long(a[0].AsLong | a[1].AsLong));
        table.Row("binary_xor", "ll", 'l', a => Value.Long(a[0].AsLong ^ a[1].AsLong));
        table.Row("binary_not", "l", 'l', a => Value.Long(~a[0].AsLong));
        table.Row("binary_shift_left", "ll", 'l', a => Value.Long(a[1].AsLong < 0 ? 0 : a[0].AsLong << (int)(a[1].AsLong & 63)));
        table.Row("binary_shift_right", "ll", 'l', a => Value.Long(a[1].AsLong < 0 ? 0 : a[0].AsLong >> (int)(a[1].AsLong & 63)));
        table.Row("bitset_count_ones", "l", 'l', a => Value.Long(long.PopCount(a[0].AsLong)));
        table.Row("rand", "l?", 'r', a => a.Length == 0 ? Value.Real(Random.Shared.NextDouble()) : Value.Real(Random.Shared.NextInt64(Math.Max(1, a[0].AsLong))), FunctionOptions.Volatile);
        table.Row("new_guid", "", 'g', _ => Value.Guid(Guid.NewGuid()), FunctionOptions.Volatile);
        table.Row("not", "b", 'b', a => Value.Bool(!a[0].AsBool));
    }

    private static void Real(FunctionTable table, string name, Func<double, double> function) =>
        table.Vector(name, "r", 'r', _ => (a, _, _) => Kernels.Map(KustoType.Real, a[0], function));

    private static Value Signed(Value value, Func<double, double> real, Func<long, long> whole, Func<decimal, decimal> exact) => value.Kind switch
    {
        ValueKind.Real => Value.Real(real(value.AsReal)),
        ValueKind.Decimal => Value.Decimal(exact(value.AsDecimal)),
        ValueKind.TimeSpan => Value.TimeSpan(whole(value.AsLong)),
        ValueKind.Int or ValueKind.Long => Value.Long(whole(value.AsLong)),
        _ => Value.Null,
    };

    private static Value Round(Value[] a)
    {
        const int MaxDigits = 15;
        var digits = a.Length > 1 ? (int)Math.Clamp(a[1].AsLong, -MaxDigits, MaxDigits) : 0;
        if (a[0].IsInteger)
            return digits >= 0 ? a[0] : Value.Long((long)(Math.Round(a[0].AsLong / Math.Pow(10, -digits), MidpointRounding.AwayFromZero) * Math.Pow(10, -digits)));
        if (a[0].Kind == ValueKind.Decimal)
            return Value.Decimal(Math.Round(a[0].AsDecimal, Math.Max(0, digits), MidpointRounding.AwayFromZero));
        var scale = Math.Pow(10, -digits);
        return Value.Real(digits >= 0 ? Math.Round(a[0].AsReal, digits, MidpointRounding.AwayFromZero) : Math.Round(a[0].AsReal / scale, MidpointRounding.AwayFromZero) * scale);
    }

    /// <summary>The least or the greatest that is not null.</summary>
    private static Value Extreme(Value[] values, int sign)
    {
        var best = Value.Null;
        foreach (var value in values)
        {
            if (!value.IsNull && (best.IsNull || ValueComparer.Order(value, best) * sign > 0))
                best = value;
        }
        return best;
    }
}
