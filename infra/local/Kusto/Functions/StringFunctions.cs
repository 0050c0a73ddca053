using System.Globalization;
using System.Text;

namespace Serverless.Local.Kusto;

/// <summary>Strings, without patterns. Lengths and places count Unicode's code points.</summary>
internal static class StringFunctions
{
    /// <summary>The longest string that a function makes.</summary>
    private const int MaxLength = 1 << 20;

    public static void Register(FunctionTable table)
    {
        table.Vector("strlen", "s", 'l', _ => (a, _, _) => Kernels.Map<string, long>(KustoType.Long, a[0], Length), FunctionOptions.NamedByBoth);
        table.Vector("string_size", "s", 'l', _ => (a, _, _) => Kernels.Map<string, long>(KustoType.Long, a[0], text => Encoding.UTF8.GetByteCount(text)));
        table.Vector("tolower", "s", 's', _ => (a, _, _) => Kernels.Map<string, string>(KustoType.String, a[0], text => text.ToLowerInvariant()));
        table.Vector("toupper", "s", 's', _ => (a, _, _) => Kernels.Map<string, string>(KustoType.String, a[0], text => text.ToUpperInvariant()));
        table.Row("isempty", "a", 'b', a => Value.Bool(a[0].IsNull || (a[0].Kind == ValueKind.String && a[0].AsString.Length == 0)), FunctionOptions.SeesNulls);
        table.Row("isnotempty", "a", 'b', a => Value.Bool(!a[0].IsNull && (a[0].Kind != ValueKind.String || a[0].AsString.Length > 0)), FunctionOptions.SeesNulls);
        table.Alias("notempty", "isnotempty");
        table.Row("isnull", "a", 'b', a => Value.Bool(a[0].IsNull), FunctionOptions.SeesNulls);
        table.Row("isnotnull", "a", 'b', a => Value.Bool(!a[0].IsNull), FunctionOptions.SeesNulls);
        table.Alias("notnull", "isnotnull");
        table.Row("strcat", "a+", 's', a => Value.String(Bounded("strcat", string.Concat(a.Select(value => value.ToString())))), FunctionOptions.SeesNulls);
        table.Row("strcat_delim", "sa+", 's', a => Value.String(string.Join(a[0].AsString, a.Skip(1).Select(value => value.ToString()))), FunctionOptions.SeesNulls);
        table.Row("substring", "sll?", 's', Substring);
        table.Row("split", "ssl?", 'y', Split);
        table.Row("indexof", "ssl?l?l?", 'l', IndexOf);
        table.Row("reverse", "a", 's', a => Value.String(new string(a[0].ToString().Reverse().ToArray())));
        table.Row("strcmp", "ss", 'l', a => Value.Long(Math.Sign(string.CompareOrdinal(a[0].AsString, a[1].AsString))));
        table.Row("strrep", "als?", 's', Repeat);
        table.Row("translate", "sss", 's', Translate);
        table.Row("replace_string", "sss", 's', a => a[1].AsString.Length == 0 ? a[0] : Value.String(a[0].AsString.Replace(a[1].AsString, a[2].AsString, StringComparison.Ordinal)));
        table.Row("replace_strings", "syy", 's', ReplaceAll);
        table.Row("base64_encode_tostring", "s", 's', a => Value.String(Convert.ToBase64String(Encoding.UTF8.GetBytes(a[0].AsString))));
        table.Row("base64_decode_tostring", "s", 's', a => Value.String(Decode(a[0].AsString)));
        table.Row("url_encode", "s", 's', a => Value.String(System.Net.WebUtility.UrlEncode(a[0].AsString)));
        table.Row("url_encode_component", "s", 's', a => Value.String(Uri.EscapeDataString(a[0].AsString)));
        table.Row("url_decode", "s", 's', a => Value.String(System.Net.WebUtility.UrlDecode(a[0].AsString)));
        table.Row("tohex", "ll?", 's', a => Value.String(a[0].AsLong.ToString(a.Length > 1 ? "x" + Math.Clamp(a[1].AsLong, 1, 16).ToString(CultureInfo.InvariantCulture) : "x", CultureInfo.InvariantCulture)));
        table.Row("isascii", "s", 'b', a => Value.Bool(Ascii.IsValid(a[0].AsString)));
        table.Row("has_any_index", "sy", 'l', a => Value.Long(a[1].Kind == ValueKind.Array ? Array.FindIndex(a[1].AsArray, item => StringOperators.Has(a[0].AsString, item.ToString())) : -1));
        table.Row("unicode_codepoints_from_string", "s", 'y', a => Value.Array(a[0].AsString.EnumerateRunes().Select(rune => Value.Long(rune.Value)).ToArray()));
        table.Row("gettype", "a", 's', a => Value.String(TypeName(a[0])), FunctionOptions.SeesNulls);
    }

    private static string TypeName(Value value) => value.Kind switch
    {
        ValueKind.Null => "null",
        ValueKind.Array => "array",
        ValueKind.Bag => "dictionary",
        _ => KustoTypes.Of(value.Kind).Name(),
    };

    private static string Bounded(string function, string text) =>
        text.Length <= MaxLength ? text : throw KustoException.Execution($"{function} makes a string of more than {MaxLength} characters");

    private static long Length(string text)
    {
        var surrogates = 0;
        foreach (var c in text)
            surrogates += char.IsLowSurrogate(c) ? 1 : 0;
        return text.Length - surrogates;
    }

    private static Value Substring(Value[] a)
    {
        var text = a[0].AsString;
        var start = a[1].AsLong < 0 ? Math.Max(0, text.Length + a[1].AsLong) : Math.Min(a[1].AsLong, text.Length);
        var length = a.Length > 2 ? Math.Clamp(a[2].AsLong, 0, text.Length - start) : text.Length - start;
        return Value.String(text.Substring((int)start, (int)length));
    }

    private static Value Split(Value[] a)
    {
        if (a[1].AsString.Length == 0)
            return Value.Array([a[0]]);
        var parts = a[0].AsString.Split(a[1].AsString).Select(Value.String).ToArray();
        if (a.Length < 3)
            return Value.Array(parts);
        return a[2].AsLong >= 0 && a[2].AsLong < parts.Length ? Value.Array([parts[a[2].AsLong]]) : Value.Array([]);
    }

    /// <summary>indexof(text, part, start, length, occurrence); a start below 0 counts from the end.</summary>
    private static Value IndexOf(Value[] a)
    {
        var text = a[0].AsString;
        var start = a.Length > 2 ? a[2].AsLong : 0;
        start = Math.Clamp(start < 0 ? text.Length + start : start, 0, text.Length);
        var length = a.Length > 3 && a[3].AsLong >= 0 ? Math.Min(a[3].AsLong, text.Length - start) : text.Length - start;
        var occurrence = a.Length > 4 ? a[4].AsLong : 1;
        var end = (int)(start + length);
        var at = (int)start - 1;
        while (occurrence-- > 0)
        {
            if (at + 1 > end)
                return Value.Long(-1);
            at = text.IndexOf(a[1].AsString, at + 1, end - at - 1, StringComparison.Ordinal);
            if (at < 0)
                return Value.Long(-1);
        }
        return Value.Long(at);
    }

    private static Value Repeat(Value[] a)
    {
        const long MaxTimes = 1024;
        var text = a[0].ToString();
        return a[1].AsLong < 0 || a[1].AsLong > MaxTimes || a[1].AsLong * text.Length > MaxLength
            ? Value.Null
            : Value.String(string.Join(a.Length > 2 ? a[2].AsString : "", Enumerable.Repeat(text, (int)a[1].AsLong)));
    }

    /// <summary>Each character of the first list becomes the one at its place in the second; a shorter list goes on with its last.</summary>
    private static Value Translate(Value[] a)
    {
        var (search, replacement) = (a[0].AsString, a[1].AsString);
        var text = new StringBuilder();
        foreach (var c in a[2].AsString)
        {
            var at = search.IndexOf(c, StringComparison.Ordinal);
            if (at < 0)
                text.Append(c);
            else if (replacement.Length > 0)
                text.Append(replacement[Math.Min(at, replacement.Length - 1)]);
        }
        return Value.String(text.ToString());
    }

    /// <summary>One search after the other; what was put in is not searched again.</summary>
    private static Value ReplaceAll(Value[] a)
    {
        if (a[1].Kind != ValueKind.Array)
            return a[0];
        var parts = new List<(string Text, bool Replaced)> { (a[0].AsString, false) };
        for (var i = 0; i < a[1].AsArray.Length; i++)
        {
            var search = a[1].AsArray[i].ToString();
            var replacement = a[2].Kind != ValueKind.Array ? a[2].ToString() : i < a[2].AsArray.Length ? a[2].AsArray[i].ToString() : "";
            if (search.Length == 0)
                continue;
            parts = parts.SelectMany(part => part.Replaced ? [part] : Replace(part.Text, search, replacement)).ToList();
            if (parts.Sum(part => (long)part.Text.Length) > MaxLength)
                throw KustoException.Execution($"replace_strings makes a string of more than {MaxLength} characters");
        }
        return Value.String(string.Concat(parts.Select(part => part.Text)));
    }

    private static IEnumerable<(string Text, bool Replaced)> Replace(string text, string search, string replacement)
    {
        var pieces = text.Split(search);
        for (var i = 0; i < pieces.Length; i++)
        {
            if (i > 0)
                yield return (replacement, true);
            yield return (pieces[i], false);
        }
    }

    private static string Decode(string base64)
    {
        try
        {
            return new UTF8Encoding(false, true).GetString(Convert.FromBase64String(base64));
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException)
        {
            return "";
        }
    }
}
