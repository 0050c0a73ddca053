namespace Serverless.Local.Kusto;

/// <summary>Arrays of numbers as series.</summary>
internal static class SeriesFunctions
{
    public static void Register(FunctionTable table)
    {
        Each(table, "series_abs", Math.Abs);
        Each(table, "series_sign", x => Math.Sign(x));
        Each(table, "series_floor", Math.Floor);
        Each(table, "series_ceiling", Math.Ceiling);
        Each(table, "series_exp", Math.Exp);
        Each(table, "series_log", Math.Log);
        Pairs(table, "series_add", (x, y) => Value.Real(x + y));
        Pairs(table, "series_subtract", (x, y) => Value.Real(x - y));
        Pairs(table, "series_multiply", (x, y) => Value.Real(x * y));
        Pairs(table, "series_divide", (x, y) => Value.Real(x / y));
        Pairs(table, "series_pow", (x, y) => Value.Real(Math.Pow(x, y)));
        Pairs(table, "series_greater", (x, y) => Value.Bool(x > y));
        Pairs(table, "series_greater_equals", (x, y) => Value.Bool(x >= y));
        Pairs(table, "series_less", (x, y) => Value.Bool(x < y));
        Pairs(table, "series_less_equals", (x, y) => Value.Bool(x <= y));
        Pairs(table, "series_equals", (x, y) => Value.Bool(x == y));
        Pairs(table, "series_not_equals", (x, y) => Value.Bool(x != y));
        table.Row("series_sum", "y", 'r', a => a[0].Kind == ValueKind.Array ? Value.Real(Numbers(a[0]).Sum()) : Value.Null);
        table.Row("series_dot_product", "yy", 'r', a => Value.Real(Numbers(a[0]).Zip(Numbers(a[1]), (x, y) => x * y).Sum()));
        table.Row("series_fill_backward", "ya?", 'y', a => Fill(a, forward: false));
        table.Row("series_fill_forward", "ya?", 'y', a => Fill(a, forward: true));
        table.Row("series_fill_const", "yaa?", 'y', a => a[0].Kind == ValueKind.Array ? Value.Array(a[0].AsArray.Select(x => Missing(x, a, 2) ? a[1] : x).ToArray()) : Value.Null);
        table.Row("series_fill_linear", "ya?b?a?", 'y', FillLinear, FunctionOptions.SeesNulls);
        table.Row("series_iir", "yyy", 'y', a => Filter(a[0], a[1], a[2]));
        table.Row("series_fir", "yyb?b?", 'y', MovingFilter);
        table.Row("series_seasonal", "yl", 'y', Seasonal);
        table.Row("series_stats_dynamic", "y", 'y', Statistics);
    }

    private static double[] Numbers(Value series) => series.Kind == ValueKind.Array ? series.AsArray.Where(x => x.IsNumber).Select(x => x.Number).ToArray() : [];

    private static void Each(FunctionTable table, string name, Func<double, double> function) => table.Row(
        name, "y", 'y', a => a[0].Kind == ValueKind.Array ? Value.Array(a[0].AsArray.Select(x => x.IsNumber ? Value.Real(function(x.Number)) : Value.Null).ToArray()) : Value.Null);

    private static void Pairs(FunctionTable table, string name, Func<double, double, Value> function) => table.Row(name, "yy", 'y', a =>
    {
        if (a[0].Kind != ValueKind.Array && a[1].Kind != ValueKind.Array)
            return Value.Null;
        var length = a.Max(x => x.Kind == ValueKind.Array ? x.AsArray.Length : 0);
        Value At(Value series, int i) => series.Kind != ValueKind.Array ? series : i < series.AsArray.Length ? series.AsArray[i] : Value.Null;
        var items = new Value[length];
        for (var i = 0; i < length; i++)
        {
            var (x, y) = (At(a[0], i), At(a[1], i));
            items[i] = x.IsNumber && y.IsNumber ? function(x.Number, y.Number) : Value.Null;
        }
        return Value.Array(items);
    });

    /// <summary>What counts as missing: null, or the placeholder where one is given.</summary>
    private static bool Missing(Value value, Value[] a, int placeholder) =>
        value.IsNull || (value.IsNumber && double.IsNaN(value.Number)) || (a.Length > placeholder && !a[placeholder].IsNull && value.Equals(a[placeholder]));

    private static Value Fill(Value[] a, bool forward)
    {
        if (a[0].Kind != ValueKind.Array)
            return Value.Null;
        var items = (Value[])a[0].AsArray.Clone();
        for (var k = 1; k < items.Length; k++)
        {
            var (to, from) = forward ? (k, k - 1) : (items.Length - 1 - k, items.Length - k);
            if (Missing(items[to], a, 1))
                items[to] = items[from];
        }
        return Value.Array(items);
    }

    /// <summary>Gaps become straight lines; those at the ends the nearest value, unless told otherwise.</summary>
    private static Value FillLinear(Value[] a)
    {
        if (a[0].Kind != ValueKind.Array)
            return Value.Null;
        var items = (Value[])a[0].AsArray.Clone();
        var edges = a.Length < 3 || a[2].AsBool;
        var known = Enumerable.Range(0, items.Length).Where(i => !Missing(items[i], a, 1) && items[i].IsNumber).ToList();
        if (known.Count == 0)
            return a.Length > 3 ? Value.Array(Enumerable.Repeat(a[3], items.Length).ToArray()) : a[0];
        for (var i = 0; i < known[0] && edges; i++)
            items[i] = items[known[0]];
        for (var i = known[^1] + 1; i < items.Length && edges; i++)
            items[i] = items[known[^1]];
        foreach (var (from, to) in known.Zip(known.Skip(1)))
        {
            var (start, end) = (items[from].Number, items[to].Number);
            for (var i = from + 1; i < to; i++)
                items[i] = Value.Real(start + ((end - start) * (i - from) / (to - from)));
        }
        return Value.Array(items);
    }

    /// <summary>The difference equation a0·y[i] = Σ b·x − Σ a·y.</summary>
    private static Value Filter(Value series, Value numerators, Value denominators)
    {
        var (x, b, a) = (Numbers(series), Numbers(numerators), Numbers(denominators));
        if (a.Length == 0 || b.Length == 0 || a[0] == 0)
            return Value.Null;
        var y = new double[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            for (var k = 0; k < b.Length && k <= i; k++)
                y[i] += b[k] * x[i - k];
            for (var k = 1; k < a.Length && k <= i; k++)
                y[i] -= a[k] * y[i - k];
            y[i] /= a[0];
        }
        return Value.Array(y.Select(Value.Real).ToArray());
    }

    private static Value MovingFilter(Value[] a)
    {
        var (x, b) = (Numbers(a[0]), Numbers(a[1]));
        if (a.Length < 3 || a[2].AsBool)
        {
            var sum = b.Sum();
            b = sum == 0 ? b : b.Select(weight => weight / sum).ToArray();
        }
        var shift = a.Length > 3 && a[3].AsBool ? b.Length / 2 : 0;
        var y = new Value[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            var sum = 0.0;
            for (var k = 0; k < b.Length; k++)
            {
                var at = i + shift - k;
                sum += at >= 0 && at < x.Length ? b[k] * x[at] : 0;
            }
            y[i] = Value.Real(sum);
        }
        return Value.Array(y);
    }

    /// <summary>For each place in the period the median over the periods.</summary>
    private static Value Seasonal(Value[] a)
    {
        var x = Numbers(a[0]);
        var period = (int)Math.Clamp(a[1].AsLong, 0, int.MaxValue);
        if (period <= 0 || x.Length == 0)
            return Value.Array(x.Select(_ => Value.Real(0)).ToArray());
        var medians = new double[Math.Min(period, x.Length)];
        for (var place = 0; place < medians.Length; place++)
        {
            var values = x.Where((_, i) => i % period == place).Order().ToArray();
            medians[place] = (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
        }
        return Value.Array(x.Select((_, i) => Value.Real(medians[i % period])).ToArray());
    }

    private static Value Statistics(Value[] a)
    {
        var x = Numbers(a[0]);
        if (x.Length == 0)
            return Value.Null;
        var (min, max, sum) = (x.Min(), x.Max(), x.Sum());
        var average = sum / x.Length;
        var variance = x.Length < 2 ? 0 : x.Sum(value => (value - average) * (value - average)) / (x.Length - 1);
        var bag = new DynamicBag();
        bag.Set("min", Value.Real(min));
        bag.Set("min_idx", Value.Long(Array.IndexOf(x, min)));
        bag.Set("max", Value.Real(max));
        bag.Set("max_idx", Value.Long(Array.IndexOf(x, max)));
        bag.Set("avg", Value.Real(average));
        bag.Set("stdev", Value.Real(Math.Sqrt(variance)));
        bag.Set("variance", Value.Real(variance));
        bag.Set("sum", Value.Real(sum));
        bag.Set("len", Value.Long(x.Length));
        return Value.Bag(bag);
    }
}
