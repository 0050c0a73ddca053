using System.Globalization;
using System.Text;
using System.Text.Json;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Api;

/// <summary>
/// Reads the parameter <c>tag</c>: <c>key</c> (there is such a tag), <c>!key</c> (there is none), or a key, one of
/// <c>= != &lt; &lt;= &gt; &gt;=</c> and a value. A key that has one of those characters is written as a JSON string.
/// </summary>
/// <remarks>
/// A value that is a number, <c>true</c> or <c>false</c> as JSON writes them is one; what stands in double quotes is a text, and so is all
/// else as it stands.
/// </remarks>
internal static class TagExpression
{
    /// <summary>The name of the parameter.</summary>
    public const string Parameter = "tag";

    private const char Quote = '"';

    /// <summary>The condition.</summary>
    /// <exception cref="InvalidQueryException">The text is none.</exception>
    public static TagCondition Parse(string text)
    {
        var isDenied = text.StartsWith('!');
        var key = Key(text, isDenied ? 1 : 0, out var at);
        if (key.Length == 0)
            throw Invalid(text, at, "a tag needs a key, such as http.status_code>=500");
        if (at == text.Length)
            return TagCondition.Compare(key, isDenied ? TagOperator.NotExists : TagOperator.Exists);
        if (isDenied)
            throw Invalid(text, 0, "an exclamation mark in front asks that there be no such tag, and takes no value; for another value write key!=value");
        var comparison = Operator(text, ref at);
        var operand = Operand(text, at);
        return comparison is TagOperator.Equal or TagOperator.NotEqual || !operand.IsBoolean
            ? TagCondition.Compare(key, comparison, operand)
            : throw Invalid(text, at, "true and false have no order; write = or !=, or quote the value to compare texts");
    }

    private static string Key(string text, int from, out int end)
    {
        if (from < text.Length && text[from] == Quote)
        {
            end = EndOfQuoted(text, from);
            return Unquoted(text, from, end);
        }

        end = text.AsSpan(from).IndexOfAny('=', '<', '>') is var found and >= 0 ? from + found : text.Length;
        if (end < text.Length && text[end] == '=' && end > from && text[end - 1] == '!')
            end--;
        return text[from..end];
    }

    private static TagOperator Operator(string text, ref int at)
    {
        var rest = text.AsSpan(at);
        var (comparison, length) = rest switch
        {
            ['!', '=', ..] => (TagOperator.NotEqual, 2),
            ['<', '=', ..] => (TagOperator.LessOrEqual, 2),
            ['>', '=', ..] => (TagOperator.GreaterOrEqual, 2),
            ['<', ..] => (TagOperator.Less, 1),
            ['>', ..] => (TagOperator.Greater, 1),
            ['=', ..] => (TagOperator.Equal, 1),
            _ => throw Invalid(text, at, "behind the key one of = != < <= > >= is expected"),
        };
        at += length;
        return comparison;
    }

    private static AttributeValue Operand(string text, int at)
    {
        if (at < text.Length && text[at] == Quote)
        {
            var end = EndOfQuoted(text, at);
            return end == text.Length
                ? AttributeValue.Of(Unquoted(text, at, end))
                : throw Invalid(text, end, "nothing may follow the closing quote");
        }

        var value = text[at..];
        return value switch
        {
            "true" => AttributeValue.Of(true),
            "false" => AttributeValue.Of(false),
            _ => Number(value) ?? AttributeValue.Of(value),
        };
    }

    private static AttributeValue? Number(string text)
    {
        if (text.Length == 0 || (!char.IsAsciiDigit(text[0]) && text[0] != '-'))
            return null;
        try
        {
            var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            if (!json.Read() || json.TokenType != JsonTokenType.Number || json.BytesConsumed != Encoding.UTF8.GetByteCount(text))
                return null;
            if (json.TryGetInt64(out var integer))
                return AttributeValue.Of(integer);
            return json.TryGetDouble(out var real) && double.IsFinite(real) ? AttributeValue.Of(real) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static int EndOfQuoted(string text, int from)
    {
        for (var i = from + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == Quote)
                return i + 1;
        }

        throw Invalid(text, from, "the quote is not closed");
    }

    private static string Unquoted(string text, int from, int end)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(text.AsSpan(from, end - from))!;
        }
        catch (JsonException)
        {
            throw Invalid(text, from, "what stands in quotes is no JSON string");
        }
    }

    private static InvalidQueryException Invalid(string text, int at, string reason) =>
        new(string.Create(CultureInfo.InvariantCulture, $"tag '{text}' cannot be understood: {reason}."))
        {
            Parameter = Parameter, Offset = Encoding.UTF8.GetByteCount(text.AsSpan(0, at)),
        };
}
