namespace Serverless.Local.Kusto;

/// <summary>Arrays, and dynamic values as such.</summary>
internal static class DynamicFunctions
{
    /// <summary>Elements of an array that a function makes.</summary>
    private const int MaxElements = 1 << 20;

    public static void Register(FunctionTable table)
    {
        table.Row("parse_json", "a", 'y', a => a[0].Kind == ValueKind.String ? DynamicJson.Parse(a[0].AsString) : a[0], FunctionOptions.NamedByArgument);
        table.Alias("todynamic", "parse_json");
        table.Alias("toobject", "parse_json");
        table.Alias("parsejson", "parse_json");
        table.Row("dynamic_to_json", "y", 's', a => Value.String(a[0].Kind is ValueKind.Array or ValueKind.Bag ? DynamicJson.Write(a[0], sorted: true) : a[0].ToString()));
        table.Row("extract_json", "ssa?", 's', a => Value.String(JsonPath.Read(a[1].AsString, a[0].AsString).ToString()));
        table.Alias("extractjson", "extract_json");
        table.Row("treepath", "y", 'y', TreePaths);
        table.Row("pack_array", "a+", 'y', a => Value.Array([.. a]), FunctionOptions.SeesNulls);
        table.Row("array_length", "y", 'l', a => a[0].Kind == ValueKind.Array ? Value.Long(a[0].AsArray.Length) : Value.Null, FunctionOptions.NamedByBoth);
        table.Row("array_concat", "y+", 'y', a => a.Any(x => x.Kind != ValueKind.Array) ? Value.Null : Value.Array(a.SelectMany(x => x.AsArray).ToArray()));
        table.Row("array_reverse", "y", 'y', a => Over(a[0], x => x.Reverse().ToArray()));
        table.Row("array_slice", "yll", 'y', a => Over(a[0], x => Slice(x, a[1].AsLong, a[2].AsLong)));
        table.Row("array_rotate_left", "yl", 'y', a => Over(a[0], x => Rotate(x, a[1].AsLong)));
        table.Row("array_rotate_right", "yl", 'y', a => Over(a[0], x => Rotate(x, -a[1].AsLong)));
        table.Row("array_shift_left", "yla?", 'y', a => Over(a[0], x => Shift(x, a[1].AsLong, a.Length > 2 ? a[2] : Value.Null)));
        table.Row("array_shift_right", "yla?", 'y', a => Over(a[0], x => Shift(x, -a[1].AsLong, a.Length > 2 ? a[2] : Value.Null)));
        table.Row("array_split", "ya", 'y', a => Over(a[0], x => Split(x, a[1])));
        table.Row("array_sum", "y", 'r', a => a[0].Kind == ValueKind.Array ? Value.Real(a[0].AsArray.Sum(x => x.IsNumber ? x.Number : 0)) : Value.Null);
        table.Row("array_index_of", "yal?l?l?", 'l', IndexOf);
        table.Row("array_sort_asc", "yb?", 'y', a => Over(a[0], x => Sort(x, 1, a.Length < 2 || a[1].AsBool)));
        table.Row("array_sort_desc", "yb?", 'y', a => Over(a[0], x => Sort(x, -1, a.Length < 2 || a[1].AsBool)));
        table.Row("array_iff", "yaa", 'y', Choose, FunctionOptions.SeesNulls);
        table.Row("repeat", "al", 'y', a => Value.Array(Enumerable.Repeat(a[0], (int)Math.Clamp(a[1].AsLong, 0, MaxElements)).ToArray()), FunctionOptions.SeesNulls);
        table.Row("range", "aaa?", 'y', Range);
        table.Row("strcat_array", "ys", 's', a => a[0].Kind == ValueKind.Array ? Value.String(string.Join(a[1].AsString, a[0].AsArray.Select(x => x.ToString()))) : Value.Null);
        table.Row("zip", "y+", 'y', Zip);
    }

    private static Value Over(Value array, Func<Value[], Value[]> function) => array.Kind == ValueKind.Array ? Value.Array(function(array.AsArray)) : Value.Null;

    private static Value[] Slice(Value[] items, long start, long end)
    {
        var from = (int)Math.Clamp(start < 0 ? items.Length + start : start, 0, items.Length);
        var to = (int)Math.Clamp(end < 0 ? items.Length + end : end, -1, items.Length - 1);
        return to < from ? [] : items[from..(to + 1)];
    }

    private static Value[] Rotate(Value[] items, long by)
    {
        var result = new Value[items.Length];
        for (var i = 0; i < items.Length; i++)
            result[i] = items[(int)((((i + (by % items.Length)) % items.Length) + items.Length) % items.Length)];
        return result;
    }

    private static Value[] Shift(Value[] items, long by, Value fill)
    {
        var result = new Value[items.Length];
        for (var i = 0; i < items.Length; i++)
            result[i] = i + by >= 0 && i + by < items.Length ? items[(int)(i + by)] : fill;
        return result;
    }

    private static Value[] Split(Value[] items, Value places)
    {
        var cuts = places.Kind == ValueKind.Array ? places.AsArray.Select(x => x.AsLong) : [places.AsLong];
        var parts = new List<Value>();
        var from = 0;
        foreach (var cut in cuts)
        {
            var to = (int)Math.Clamp(cut < 0 ? items.Length + cut : cut, from, items.Length);
            parts.Add(Value.Array(items[from..to]));
            from = to;
        }
        parts.Add(Value.Array(items[from..]));
        return [.. parts];
    }

    private static Value[] Sort(Value[] items, int sign, bool nullsLast)
    {
        var values = items.Where(x => !x.IsNull).ToList();
        values.Sort((x, y) => ValueComparer.Order(x, y) * sign);
        var nulls = Enumerable.Repeat(Value.Null, items.Length - values.Count);
        return nullsLast ? [.. values, .. nulls] : [.. nulls, .. values];
    }

    private static Value IndexOf(Value[] a)
    {
        if (a[0].Kind != ValueKind.Array)
            return Value.Null;
        var start = (int)Math.Clamp(a.Length > 2 ? a[2].AsLong : 0, 0, a[0].AsArray.Length);
        return Value.Long(Array.FindIndex(a[0].AsArray, start, x => x.Equals(a[1])));
    }

    private static Value Choose(Value[] a)
    {
        if (a[0].Kind != ValueKind.Array)
            return Value.Null;
        Value Pick(Value from, int at) => from.Kind != ValueKind.Array ? from : at < from.AsArray.Length ? from.AsArray[at] : Value.Null;
        return Value.Array(a[0].AsArray.Select((x, i) => x.IsNull ? Value.Null : Pick(x.Kind == ValueKind.Bool ? (x.AsBool ? a[1] : a[2]) : x.IsNumber && x.Number != 0 ? a[1] : a[2], i)).ToArray());
    }

    /// <summary>range(start, stop, step): both ends are in it.</summary>
    private static Value Range(Value[] a)
    {
        var step = a.Length > 2 ? a[2] : a[0].Kind == ValueKind.DateTime ? Value.TimeSpan(TimeSpan.TicksPerHour) : Value.Long(1);
        var items = new List<Value>();
        if (a[0].Kind == ValueKind.Real || a[1].Kind == ValueKind.Real || step.Kind == ValueKind.Real)
        {
            var (from, to, by) = (a[0].Number, a[1].Number, step.Number);
            for (var i = 0; by != 0 && i < MaxElements && (by > 0 ? from + (i * by) <= to : from + (i * by) >= to); i++)
                items.Add(Value.Real(from + (i * by)));
        }
        else
        {
            var type = KustoTypes.Of(a[0].Kind);
            var by = step.AsLong;
            for (var at = a[0].AsLong; by != 0 && items.Count < MaxElements && (by > 0 ? at <= a[1].AsLong : at >= a[1].AsLong); at += by)
                items.Add(Value.From(type == KustoType.Int ? KustoType.Long : type, at));
        }
        return Value.Array([.. items]);
    }

    private static Value Zip(Value[] a)
    {
        var arrays = a.Select(x => x.Kind == ValueKind.Array ? x.AsArray : []).ToList();
        var length = arrays.Max(x => x.Length);
        return Value.Array(Enumerable.Range(0, length).Select(i => Value.Array(arrays.Select(x => i < x.Length ? x[i] : Value.Null).ToArray())).ToArray());
    }

    private static Value TreePaths(Value[] a)
    {
        var paths = new List<Value>();
        void Walk(Value value, string path)
        {
            if (path.Length > 0)
                paths.Add(Value.String(path));
            if (value.Kind == ValueKind.Bag)
            {
                foreach (var (name, item) in value.AsBag.Entries)
                    Walk(item, $"{path}['{name}']");
            }
            else if (value.Kind == ValueKind.Array && value.AsArray.Length > 0)
            {
                // One path stands for all elements.
                Walk(value.AsArray[0], path + "[0]");
            }
        }
        Walk(a[0], "");
        return Value.Array([.. paths]);
    }
}
