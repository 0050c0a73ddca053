using System.Text;
using System.Text.RegularExpressions;

namespace Serverless.Local.Kusto;

/// <summary>Patterns in strings, and texts in a format.</summary>
internal static class TextFunctions
{
    public static void Register(FunctionTable table)
    {
        table.Row("trim", "ss", 's', a => Value.String(TrimEnd(a[0].AsString, TrimStart(a[0].AsString, a[1].AsString))));
        table.Row("trim_start", "ss", 's', a => Value.String(TrimStart(a[0].AsString, a[1].AsString)));
        table.Row("trim_end", "ss", 's', a => Value.String(TrimEnd(a[0].AsString, a[1].AsString)));
        table.Row("replace_regex", "sss", 's', a => Value.String(Replace(a[0].AsString, a[1].AsString, a[2].AsString)));
        table.Row("replace", "sss", 's', a => Value.String(Replace(a[2].AsString, a[0].AsString, a[1].AsString)));
        table.Row("extract", "slss?", 's', Extract);
        table.Row("extract_all", "sas?", 'y', ExtractAll);
        table.Row("countof", "sss?", 'l', CountOf);
        table.Row("indexof_regex", "ssl?l?l?", 'l', IndexOf);
        table.Row("parse_csv", "s", 'y', a => Value.Array(Csv(a[0].AsString)));
        table.Row("parse_urlquery", "s", 'y', a => Value.Bag(Wrap("Query Parameters", Query(a[0].AsString))));
        table.Row("parse_url", "s", 'y', a => ParseUrl(a[0].AsString));
    }

    private static string TrimStart(string pattern, string text)
    {
        var match = RegexCache.Run(() => RegexCache.Get($"^(?:{pattern})").Match(text), pattern);
        return match.Success ? text[match.Length..] : text;
    }

    private static string TrimEnd(string pattern, string text)
    {
        var match = RegexCache.Run(() => RegexCache.Get($"(?:{pattern})$").Match(text), pattern);
        return match.Success ? text[..match.Index] : text;
    }

    /// <summary>\1 stands for the first group in the replacement.</summary>
    private static string Replace(string text, string pattern, string replacement)
    {
        var rewrite = new StringBuilder();
        for (var i = 0; i < replacement.Length; i++)
        {
            if (replacement[i] == '\\' && i + 1 < replacement.Length && char.IsAsciiDigit(replacement[i + 1]))
                rewrite.Append("${").Append(replacement[++i]).Append('}');
            else
                rewrite.Append(replacement[i] == '$' ? "$$" : replacement[i]);
        }
        return RegexCache.Run(() => RegexCache.Get(pattern).Replace(text, rewrite.ToString()), pattern);
    }

    private static Value Extract(Value[] a)
    {
        var match = RegexCache.Run(() => RegexCache.Get(a[0].AsString).Match(a[2].AsString), a[0].AsString);
        var group = a[1].AsLong;
        return Value.String(match.Success && group >= 0 && group < match.Groups.Count ? match.Groups[(int)group].Value : "");
    }

    private static Value ExtractAll(Value[] a)
    {
        var (pattern, text) = (a[0].AsString, a[^1].AsString);
        var wanted = a.Length > 2 && a[1].Kind == ValueKind.Array ? a[1].AsArray : null;
        var regex = RegexCache.Get(pattern);
        var found = new List<Value>();
        RegexCache.Run(
            () =>
            {
                foreach (Match match in regex.Matches(text))
                {
                    var groups = wanted?.Select(key => key.Kind == ValueKind.String ? match.Groups[key.AsString] : match.Groups[(int)key.AsLong]).ToList()
                        ?? match.Groups.Cast<Group>().Skip(match.Groups.Count > 1 ? 1 : 0).ToList();
                    found.Add(groups.Count == 1 ? Value.String(groups[0].Value) : Value.Array(groups.Select(group => Value.String(group.Value)).ToArray()));
                }
                return 0;
            },
            pattern);
        return found.Count == 0 ? Value.Null : Value.Array([.. found]);
    }

    /// <summary>Occurrences of a text may overlap; those of a pattern do not.</summary>
    private static Value CountOf(Value[] a)
    {
        var (text, search) = (a[0].AsString, a[1].AsString);
        if (a.Length > 2 && a[2].AsString == "regex")
            return Value.Long(RegexCache.Run(() => RegexCache.Get(search).Count(text), search));
        if (search.Length == 0)
            return Value.Long(0);
        var count = 0;
        for (var at = text.IndexOf(search, StringComparison.Ordinal); at >= 0; at = at + 1 < text.Length ? text.IndexOf(search, at + 1, StringComparison.Ordinal) : -1)
            count++;
        return Value.Long(count);
    }

    /// <summary>indexof_regex(text, pattern, start, length, occurrence); null for a start or a length that cannot be.</summary>
    private static Value IndexOf(Value[] a)
    {
        var text = a[0].AsString;
        var start = a.Length > 2 ? a[2].AsLong : 0;
        var length = a.Length > 3 ? a[3].AsLong : -1;
        var occurrence = a.Length > 4 ? a[4].AsLong : 1;
        if (start < 0 || length < -1 || occurrence < 1)
            return Value.Null;
        if (start > text.Length)
            return Value.Long(-1);
        var end = length < 0 ? text.Length : (int)Math.Min(text.Length, start + length);
        var match = RegexCache.Run(() => RegexCache.Get(a[1].AsString).Match(text[..end], (int)start), a[1].AsString);
        while (match.Success && --occurrence > 0)
            match = match.NextMatch();
        return Value.Long(match.Success ? match.Index : -1);
    }

    /// <summary>The fields of the first record (RFC 4180).</summary>
    private static Value[] Csv(string text)
    {
        var fields = new List<Value>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '"')
            {
                if (quoted && i + 1 < text.Length && text[i + 1] == '"')
                    field.Append(text[++i]);
                else
                    quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                fields.Add(Value.String(field.ToString()));
                field.Clear();
            }
            else if (c is '\n' or '\r' && !quoted)
            {
                break;
            }
            else
            {
                field.Append(c);
            }
        }
        fields.Add(Value.String(field.ToString()));
        return [.. fields];
    }

    private static DynamicBag Query(string query)
    {
        var bag = new DynamicBag();
        foreach (var pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var split = pair.IndexOf('=', StringComparison.Ordinal);
            bag.Set(Uri.UnescapeDataString(split < 0 ? pair : pair[..split]), Value.String(split < 0 ? "" : Uri.UnescapeDataString(pair[(split + 1)..])));
        }
        return bag;
    }

    private static DynamicBag Wrap(string name, DynamicBag inner)
    {
        var bag = new DynamicBag();
        bag.Set(name, Value.Bag(inner));
        return bag;
    }

    private static Value ParseUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
            return Value.Null;
        var credentials = uri.UserInfo.Split(':', 2);
        var bag = new DynamicBag();
        bag.Set("Scheme", Value.String(uri.Scheme));
        bag.Set("Host", Value.String(uri.Host));
        bag.Set("Port", Value.String(uri.IsDefaultPort ? "" : uri.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        bag.Set("Path", Value.String(uri.AbsolutePath));
        bag.Set("Username", Value.String(credentials[0]));
        bag.Set("Password", Value.String(credentials.Length > 1 ? credentials[1] : ""));
        bag.Set("Query Parameters", Value.Bag(Query(uri.Query)));
        bag.Set("Fragment", Value.String(uri.Fragment.TrimStart('#')));
        return Value.Bag(bag);
    }
}
