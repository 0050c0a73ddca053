using System.Globalization;

namespace Serverless.Local.Tables.Filters;

/// <summary>Cuts a filter into words, constants and parentheses.</summary>
internal sealed class FilterLexer(string filter)
{
    private int _at;

    /// <exception cref="FilterException">What comes next is none of them.</exception>
    public FilterToken Next()
    {
        while (_at < filter.Length && char.IsWhiteSpace(filter[_at]))
            _at++;
        if (_at == filter.Length)
            return new FilterToken(FilterTokenKind.End, "the end", _at);
        return filter[_at] switch
        {
            '(' => Take(FilterTokenKind.Open),
            ')' => Take(FilterTokenKind.Close),
            '\'' => String(),
            '-' or (>= '0' and <= '9') => Number(),
            var unit when unit == '_' || char.IsLetter(unit) => Word(),
            var unit => throw new FilterException($"'{unit}' at {_at} is not part of a filter."),
        };
    }

    private FilterToken Take(FilterTokenKind kind) => new(kind, filter[_at].ToString(), _at++);

    private FilterToken String()
    {
        var start = _at;
        return Constant(start, Quoted());
    }

    private FilterToken Word()
    {
        var start = _at;
        while (_at < filter.Length && (filter[_at] == '_' || char.IsLetterOrDigit(filter[_at])))
            _at++;
        var word = filter[start.._at];
        if (_at < filter.Length && filter[_at] == '\'')
            return Constant(start, Typed(word, start));
        return word switch
        {
            "true" => Constant(start, true),
            "false" => Constant(start, false),
            _ => new FilterToken(FilterTokenKind.Word, word, start),
        };
    }

    private object Typed(string type, int start)
    {
        var text = Quoted();
        try
        {
            return type switch
            {
                "datetime" => DateTime.Parse(
                    text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal),
                "guid" => Guid.Parse(text),
                "X" or "binary" => Convert.FromHexString(text),
                _ => throw new FilterException($"{type}'…' at {start} is no constant: there are datetime'…', guid'…', X'…' and binary'…'."),
            };
        }
        catch (FormatException)
        {
            throw new FilterException($"'{text}' at {start} is no {type}.");
        }
    }

    private string Quoted()
    {
        var start = ++_at;
        while (true)
        {
            var quote = filter.IndexOf('\'', _at);
            if (quote < 0)
                throw new FilterException($"The text that starts at {start - 1} has no closing quote.");
            _at = quote + 1;
            if (_at == filter.Length || filter[_at] != '\'')
                return filter[start..quote].Replace("''", "'", StringComparison.Ordinal);
            _at++;
        }
    }

    private FilterToken Number()
    {
        var start = _at++;
        while (_at < filter.Length && (char.IsAsciiLetterOrDigit(filter[_at]) || filter[_at] is '.'
            || (filter[_at] is '+' or '-' && filter[_at - 1] is 'e' or 'E')))
        {
            _at++;
        }

        var text = filter[start.._at];
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small))
            return Constant(start, small);
        if (long.TryParse(text.TrimEnd('L', 'l'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large))
            return Constant(start, large);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real))
            return Constant(start, real);
        throw new FilterException($"'{text}' at {start} is no number.");
    }

    private FilterToken Constant(int start, object value) => new(FilterTokenKind.Constant, filter[start.._at], start, value);
}
