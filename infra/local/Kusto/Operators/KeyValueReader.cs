using System.Text;
using System.Text.RegularExpressions;

namespace Serverless.Local.Kusto;

/// <summary>Reads pairs of a key and a value out of a text, by delimiters or by a pattern with two groups.</summary>
internal sealed class KeyValueReader(string pairDelimiter, string keyDelimiter, string quotes, string escape, bool greedy, Regex? pattern)
{
    public Dictionary<string, string> Read(string text)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        if (pattern is not null)
        {
            foreach (Match match in pattern.Matches(text))
            {
                if (match.Groups.Count > 2)
                    pairs.TryAdd(match.Groups[1].Value, match.Groups[2].Value);
            }
            return pairs;
        }
        string? last = null;
        for (var at = 0; at < text.Length;)
        {
            var pair = Field(text, ref at, pairDelimiter, keyDelimiter, out var hasValue);
            if (hasValue)
            {
                last = pair.Trim();
                pairs[last] = Field(text, ref at, pairDelimiter, "", out _);
            }
            else if (greedy && last is not null)
            {
                // What is no pair belongs to the value before.
                pairs[last] += pairDelimiter + pair;
            }
        }
        return pairs;
    }

    /// <summary>Reads up to a delimiter, behind which the place is set; quoted text may have delimiters in it.</summary>
    private string Field(string text, ref int at, string end, string separator, out bool separated)
    {
        var field = new StringBuilder();
        var close = '\0';
        separated = false;
        while (at < text.Length)
        {
            var rest = text.AsSpan(at);
            if (close != '\0')
            {
                if (escape.Length > 0 && rest.StartsWith(escape) && rest.Length > escape.Length)
                {
                    field.Append(rest[escape.Length]);
                    at += escape.Length + 1;
                    continue;
                }
                if (text[at] == close)
                {
                    close = '\0';
                    at++;
                    continue;
                }
            }
            else if (separator.Length > 0 && rest.StartsWith(separator))
            {
                at += separator.Length;
                separated = true;
                return field.ToString();
            }
            else if (rest.StartsWith(end))
            {
                at += end.Length;
                return field.ToString();
            }
            else if (quotes.Contains(text[at]))
            {
                // Two quotes given: the first opens, the second closes.
                close = quotes.Length > 1 ? quotes[1] : quotes[0];
                at++;
                continue;
            }
            field.Append(text[at++]);
        }
        return field.ToString();
    }
}
