using System.Text;
using System.Text.RegularExpressions;

namespace Serverless.Local.Kusto;

/// <summary>parse and parse-kv.</summary>
internal sealed partial class Binder
{
    private PlanNode Parse(PlanNode input, ParseSyntax parse)
    {
        var source = ConvertExpression.To(WithRows(input, () => Scalar(parse.Source)), KustoType.String);
        if (parse.Kind is not ("simple" or "regex" or "relaxed"))
            throw Error(parse.At, "SEM0058", $"'{parse.Kind}' is no kind of parse; kinds are simple, regex and relaxed");
        var regex = RegexCache.Get(Pattern(parse), Options(parse));
        var parts = parse.Parts.Where(part => part.Column is not null).ToList();
        var schema = input.Schema.Columns.ToList();
        var ordinals = new List<int>();
        foreach (var part in parts)
        {
            var ordinal = schema.FindIndex(column => column.Name == part.Column);
            if (ordinal < 0)
            {
                ordinal = schema.Count;
                schema.Add(default);
            }
            schema[ordinal] = new ColumnSchema(part.Column!, part.Type);
            ordinals.Add(ordinal);
        }
        return new ParseNode(input, new Schema(schema), source, regex, parts.Select(part => part.Type).ToArray(), [.. ordinals], parse.Kind == "relaxed", parse.FilterRows);
    }

    private static RegexOptions Options(ParseSyntax parse)
    {
        if (parse.Kind != "regex")
            return RegexOptions.Singleline;
        var options = parse.Flags.Contains('i') ? RegexOptions.IgnoreCase : RegexOptions.None;
        options |= parse.Flags.Contains('s') ? RegexOptions.Singleline : RegexOptions.None;
        return options | (parse.Flags.Contains('m') ? RegexOptions.Multiline : RegexOptions.None);
    }

    /// <summary>One pattern of all parts: texts are literal but for kind=regex, where strings take as much as they can unless the flag U says otherwise.</summary>
    private static string Pattern(ParseSyntax parse)
    {
        var isRegex = parse.Kind == "regex";
        var text = new StringBuilder();
        if (!isRegex)
            text.Append('^');
        var columns = 0;
        for (var i = 0; i < parse.Parts.Count; i++)
        {
            var part = parse.Parts[i];
            var last = i == parse.Parts.Count - 1;
            if (part.IsStar)
                text.Append(last ? "" : ".*?");
            else if (part.Text is not null)
                text.Append(isRegex ? part.Text : Regex.Escape(part.Text));
            else if (isRegex)
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"(?<c{columns++}>{(part.Type.IsInteger() ? @"-?\d+" : parse.Flags.Contains('U') ? ".*?" : ".*")})");
            else
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"(?<c{columns++}>{(last ? ".*" : ".*?")})");
        }
        if (!isRegex && !parse.Parts[^1].IsStar)
            text.Append('$');
        return text.ToString();
    }

    private ParseKeyValueNode ParseKeyValue(PlanNode input, ParseKeyValueSyntax parse)
    {
        var source = ConvertExpression.To(WithRows(input, () => Scalar(parse.Source)), KustoType.String);
        string Option(string name, string otherwise) => parse.Options.TryGetValue(name, out var value) ? Constant(value).ToString() : otherwise;
        var schema = input.Schema.Columns.ToList();
        var ordinals = new List<int>();
        foreach (var column in parse.Columns)
        {
            var ordinal = schema.FindIndex(one => one.Name == column.Name);
            if (ordinal < 0)
            {
                ordinal = schema.Count;
                schema.Add(default);
            }
            schema[ordinal] = new ColumnSchema(column.Name, column.Type);
            ordinals.Add(ordinal);
        }
        var pattern = Option("regex", "");
        var reader = new KeyValueReader(
            Option("pair_delimiter", " "), Option("kv_delimiter", "="), Option("quote", ""), Option("escape", ""), Option("greedy", "false") == "true", pattern.Length == 0 ? null : RegexCache.Get(pattern));
        return new ParseKeyValueNode(input, new Schema(schema), source, reader, parse.Columns.Select(column => new ColumnSchema(column.Name, column.Type)).ToArray(), [.. ordinals]);
    }
}
