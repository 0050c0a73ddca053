namespace Serverless.Local.Kusto;

/// <summary>Paths as extract_json takes them: $.name, ['name'] and [0].</summary>
internal static class JsonPath
{
    public static Value Read(string json, string path)
    {
        var value = DynamicJson.Parse(json);
        var at = path.StartsWith('$') ? 1 : 0;
        while (at < path.Length)
        {
            if (path[at] == '.')
            {
                var end = path.AsSpan(at + 1).IndexOfAny('.', '[') is var next && next < 0 ? path.Length : at + 1 + next;
                value = Member(value, path[(at + 1)..end]);
                at = end;
            }
            else if (path[at] == '[' && path.IndexOf(']', at) is var close && close > 0)
            {
                var key = path[(at + 1)..close].Trim();
                value = key.Length > 1 && key[0] is '\'' or '"' ? Member(value, key[1..^1])
                    : int.TryParse(key, out var index) ? Item(value, index) : Value.Null;
                at = close + 1;
            }
            else
            {
                return Value.Null;
            }
        }
        return value;
    }

    public static Value Member(Value value, string name) => value.Kind == ValueKind.Bag && value.AsBag.TryGet(name, out var item) ? item : Value.Null;

    /// <summary>An element; one below 0 counts from the end.</summary>
    public static Value Item(Value value, long index)
    {
        if (value.Kind != ValueKind.Array)
            return Value.Null;
        var items = value.AsArray;
        if (index < 0)
            index += items.Length;
        return index >= 0 && index < items.Length ? items[index] : Value.Null;
    }

    public static Value Access(Value value, Value key) =>
        key.Kind == ValueKind.String ? Member(value, key.AsString) : key.IsInteger ? Item(value, key.AsLong) : Value.Null;
}
