namespace Serverless.Local.Kusto;

/// <summary>Property bags.</summary>
internal static class BagFunctions
{
    public static void Register(FunctionTable table)
    {
        table.Row("bag_pack", "a+", 'y', Pack, FunctionOptions.SeesNulls);
        table.Alias("pack", "bag_pack");
        table.Alias("pack_dictionary", "bag_pack");
        table.Row("bag_keys", "y", 'y', a => a[0].Kind == ValueKind.Bag ? Value.Array(a[0].AsBag.Entries.Select(entry => Value.String(entry.Key)).ToArray()) : Value.Null);
        table.Row("bag_has_key", "ys", 'b', a => Value.Bool(a[0].Kind == ValueKind.Bag && a[0].AsBag.Contains(a[1].AsString)));
        table.Row("bag_merge", "y+", 'y', Merge, FunctionOptions.SeesNulls);
        table.Row("bag_remove_keys", "yy", 'y', Remove);
        table.Row("bag_set_key", "ysa", 'y', Set, FunctionOptions.SeesNulls);
        table.Row("bag_zip", "yy", 'y', Zip);
    }

    private static Value Pack(Value[] a)
    {
        var bag = new DynamicBag();
        for (var i = 0; i + 1 < a.Length; i += 2)
            bag.Set(a[i].ToString(), a[i + 1]);
        return Value.Bag(bag);
    }

    /// <summary>The first bag that has a name gives its value.</summary>
    private static Value Merge(Value[] a)
    {
        var merged = new DynamicBag();
        foreach (var (name, item) in a.Where(x => x.Kind == ValueKind.Bag).SelectMany(x => x.AsBag.Entries))
        {
            if (!merged.Contains(name))
                merged.Set(name, item);
        }
        return Value.Bag(merged);
    }

    private static Value Remove(Value[] a)
    {
        if (a[0].Kind != ValueKind.Bag || a[1].Kind != ValueKind.Array)
            return Value.Null;
        var gone = a[1].AsArray.Select(x => x.ToString()).ToHashSet(StringComparer.Ordinal);
        var bag = new DynamicBag();
        foreach (var (name, item) in a[0].AsBag.Entries)
        {
            if (!gone.Contains(name))
                bag.Set(name, item);
        }
        return Value.Bag(bag);
    }

    private static Value Set(Value[] a)
    {
        var bag = new DynamicBag();
        if (a[0].Kind == ValueKind.Bag)
        {
            foreach (var (name, item) in a[0].AsBag.Entries)
                bag.Set(name, item);
        }
        bag.Set(a[1].AsString, a[2]);
        return Value.Bag(bag);
    }

    /// <summary>Keys with the values at their places; keys that are no strings are left out.</summary>
    private static Value Zip(Value[] a)
    {
        if (a[0].Kind != ValueKind.Array || a[1].Kind != ValueKind.Array)
            return Value.Null;
        var bag = new DynamicBag();
        for (var i = 0; i < a[0].AsArray.Length; i++)
        {
            if (a[0].AsArray[i].Kind == ValueKind.String)
                bag.Set(a[0].AsArray[i].AsString, i < a[1].AsArray.Length ? a[1].AsArray[i] : Value.Null);
        }
        return Value.Bag(bag);
    }
}
