using System.Text;

namespace Serverless.Local.Kusto;

/// <summary>Cuts a query into tokens.</summary>
internal sealed class Lexer(string text)
{
    // The longest first.
    private static readonly string[] Punctuation =
        ["<=", ">=", "<>", "==", "!=", "=~", "!~", "=>", "..", "(", ")", "[", "]", "{", "}", ",", ";", ":", ".", "|", "=", "<", ">", "+", "-", "*", "/", "%", "~"];

    private int _at;

    public static List<Token> Read(string text)
    {
        var lexer = new Lexer(text);
        var tokens = new List<Token>();
        while (true)
        {
            var token = lexer.Next();
            tokens.Add(token);
            if (token.Kind == TokenKind.End)
                return tokens;
        }
    }

    public static TextPosition Position(string text, int offset)
    {
        var before = text.AsSpan(0, Math.Min(offset, text.Length));
        return new TextPosition(before.Count('\n') + 1, before.Length - (before.LastIndexOf('\n') + 1) + 1);
    }

    private Token Next()
    {
        SkipBlanks();
        var start = _at;
        if (_at >= text.Length)
            return new Token(TokenKind.End, "", start, start);
        var c = text[_at];
        if (c is '"' or '\'' || ((c is '@' or 'h' or 'H') && IsTextAhead()))
            return Text(start);
        if (text.AsSpan(_at).StartsWith("```") || text.AsSpan(_at).StartsWith("~~~"))
            return LongText(start);
        if (char.IsAsciiDigit(c))
            return Number(start);
        if (char.IsLetter(c) || c is '_' or '$')
            return Word(start);
        if (c == '[' && IsQuotedNameAhead())
            return QuotedName(start);
        if (c == '!' && _at + 1 < text.Length && char.IsAsciiLetter(text[_at + 1]))
        {
            _at++;
            return Word(start);
        }
        foreach (var mark in Punctuation)
        {
            if (text.AsSpan(_at).StartsWith(mark, StringComparison.Ordinal))
            {
                _at += mark.Length;
                return new Token(TokenKind.Punctuation, mark, start, _at);
            }
        }
        throw Error(start, $"A character that no query has: '{c}'");
    }

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(text[_at]) || text[_at] == '\uFEFF')
            {
                _at++;
            }
            else if (text[_at] == '/' && _at + 1 < text.Length && text[_at + 1] == '/')
            {
                var end = text.IndexOf('\n', _at);
                _at = end < 0 ? text.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private Token Word(int start)
    {
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '$'))
            _at++;
        // in~, !in~, has_any and the like are one word; a~ alone is not.
        if (_at < text.Length && text[_at] == '~' && text[start.._at] is "in" or "!in")
            _at++;
        var word = text[start.._at];
        if (word is "true" or "false" or "True" or "False")
            return new Token(TokenKind.Literal, word, start, _at, Value.Bool(word is "true" or "True"), KustoType.Bool);
        if (word != "dynamic" && KustoTypes.TryParse(word, out var type) && RawArgument() is { } raw)
        {
            var value = LiteralReader.Read(type, raw.Trim());
            return new Token(TokenKind.Literal, text[start.._at], start, _at, value ?? throw Error(start, $"'{raw.Trim()}' is no {type.Name()}"), type);
        }
        return new Token(TokenKind.Identifier, word, start, _at);
    }

    /// <summary>What is in the parentheses after a type's name; null, and nothing read, where none follow.</summary>
    private string? RawArgument()
    {
        var open = _at;
        while (open < text.Length && text[open] is ' ' or '\t')
            open++;
        if (open >= text.Length || text[open] != '(')
            return null;
        for (var i = open + 1; i < text.Length; i++)
        {
            if (text[i] == ')')
            {
                _at = i + 1;
                return text[(open + 1)..i];
            }
            if (text[i] is '(' or '|' or '{')
                return null;
        }
        return null;
    }

    private Token Number(int start)
    {
        if (text[_at] == '0' && _at + 1 < text.Length && text[_at + 1] is 'x' or 'X')
        {
            _at += 2;
            while (_at < text.Length && char.IsAsciiHexDigit(text[_at]))
                _at++;
            if (!ulong.TryParse(text.AsSpan(start + 2, _at - start - 2), System.Globalization.NumberStyles.HexNumber, null, out var hex))
                throw Error(start, $"'{text[start.._at]}' is no number");
            return new Token(TokenKind.Literal, text[start.._at], start, _at, Value.Long((long)hex), KustoType.Long);
        }
        var real = false;
        Digits();
        if (_at + 1 < text.Length && text[_at] == '.' && char.IsAsciiDigit(text[_at + 1]))
        {
            real = true;
            _at++;
            Digits();
        }
        else if (_at < text.Length && text[_at] == '.' && !(_at + 1 < text.Length && (text[_at + 1] == '.' || char.IsLetter(text[_at + 1]) || text[_at + 1] == '_')))
        {
            real = true;
            _at++;
        }
        if (_at < text.Length && text[_at] is 'e' or 'E')
        {
            var sign = _at + 1 < text.Length && text[_at + 1] is '+' or '-' ? 1 : 0;
            if (_at + 1 + sign < text.Length && char.IsAsciiDigit(text[_at + 1 + sign]))
            {
                real = true;
                _at += 1 + sign;
                Digits();
            }
        }
        var numberEnd = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] == '_'))
            _at++;
        var digits = text.AsSpan(start, numberEnd - start);
        if (_at > numberEnd)
        {
            var span = LiteralReader.Duration(digits, text[numberEnd.._at]) ?? throw Error(start, $"'{text[start.._at]}' is neither a number nor a timespan");
            return new Token(TokenKind.Literal, text[start.._at], start, _at, Value.TimeSpan(span), KustoType.TimeSpan);
        }
        var type = real ? KustoType.Real : KustoType.Long;
        var value = LiteralReader.Read(type, digits.ToString()) ?? throw Error(start, $"'{digits}' does not fit into a {type.Name()}");
        return new Token(TokenKind.Literal, text[start.._at], start, _at, value, type);
    }

    private void Digits()
    {
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
            _at++;
    }

    private bool IsTextAhead()
    {
        var i = _at;
        while (i < text.Length && text[i] is '@' or 'h' or 'H' && i - _at < 2)
            i++;
        return i < text.Length && text[i] is '"' or '\'';
    }

    private Token Text(int start)
    {
        var verbatim = false;
        while (text[_at] is '@' or 'h' or 'H')
            verbatim |= text[_at++] == '@';
        var quote = text[_at++];
        var value = new StringBuilder();
        while (true)
        {
            if (_at >= text.Length || (!verbatim && text[_at] == '\n'))
                throw Error(start, $"A string literal is not ended: a {quote} is missing");
            var c = text[_at++];
            if (c == quote)
            {
                if (!verbatim || _at >= text.Length || text[_at] != quote)
                    break;
                _at++;
                value.Append(quote);
            }
            else if (c == '\\' && !verbatim)
            {
                Escape(start, value);
            }
            else
            {
                value.Append(c);
            }
        }
        return new Token(TokenKind.Literal, text[start.._at], start, _at, Value.String(value.ToString()), KustoType.String);
    }

    private void Escape(int start, StringBuilder value)
    {
        if (_at >= text.Length)
            throw Error(start, "A string literal is not ended: it ends in a backslash");
        var c = text[_at++];
        var digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (_at + digits > text.Length || !uint.TryParse(text.AsSpan(_at, digits), System.Globalization.NumberStyles.HexNumber, null, out var code) || !Rune.IsValid(code) && code > 0xFFFF)
                throw Error(_at - 2, $"\\{c} in a string literal needs {digits} hexadecimal digits");
            _at += digits;
            value.Append(code > 0xFFFF ? new Rune(code).ToString() : ((char)code).ToString());
            return;
        }
        value.Append(c switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'v' => '\v',
            '0' => '\0',
            '\\' or '"' or '\'' => c,
            _ => throw Error(_at - 2, $"\\{c} is no escape sequence; write \\\\ for a backslash, or @\"…\""),
        });
    }

    private Token LongText(int start)
    {
        var fence = text.Substring(_at, 3);
        var end = text.IndexOf(fence, _at + 3, StringComparison.Ordinal);
        if (end < 0)
            throw Error(start, $"A string literal is not ended: {fence} is missing");
        _at = end + 3;
        return new Token(TokenKind.Literal, text[start.._at], start, _at, Value.String(text[(start + 3)..end]), KustoType.String);
    }

    private bool IsQuotedNameAhead()
    {
        var i = _at + 1;
        while (i < text.Length && text[i] == ' ')
            i++;
        if (i >= text.Length || text[i] is not ('"' or '\''))
            return false;
        var quote = text[i++];
        while (i < text.Length && text[i] != quote && text[i] != '\n')
            i += text[i] == '\\' ? 2 : 1;
        i++;
        while (i < text.Length && text[i] == ' ')
            i++;
        return i < text.Length && text[i] == ']';
    }

    private Token QuotedName(int start)
    {
        _at++;
        SkipBlanks();
        var name = Text(_at);
        SkipBlanks();
        _at++;
        return new Token(TokenKind.QuotedName, name.Value.AsString, start, _at, name.Value, KustoType.String);
    }

    private KustoException Error(int offset, string message) => KustoException.Syntax(Position(text, offset), message);
}
