using Azure.Data.Tables;

namespace Serverless.Local.Tables.Filters;

/// <summary>
/// Reads the service's filters (OData 3 without functions and arithmetic):
/// <code>
/// or         = and { "or" and }
/// and        = unary { "and" unary }
/// unary      = "not" unary | "(" or ")" | comparison
/// comparison = property ("eq"|"ne"|"gt"|"ge"|"lt"|"le") constant
/// </code>
/// </summary>
internal sealed class FilterParser
{
    // Parentheses and nots within one another; the service bounds the length of the address instead.
    private const int MaxDepth = 100;

    private readonly FilterLexer _lexer;
    private FilterToken _token;
    private int _comparisons;
    private int _depth;

    private FilterParser(string filter)
    {
        _lexer = new FilterLexer(filter);
        _token = _lexer.Next();
    }

    /// <summary>The filter; null where there is none.</summary>
    /// <exception cref="FilterException">The service refuses it.</exception>
    public static Filter? Parse(string? filter)
    {
        if (string.IsNullOrWhiteSpace(filter))
            return null;
        var parser = new FilterParser(filter);
        var parsed = parser.Or();
        return parser._token.Kind == FilterTokenKind.End
            ? parsed
            : throw new FilterException($"'{parser._token.Text}' at {parser._token.Position} is not expected there.");
    }

    private Filter Or()
    {
        var left = And();
        while (TakeWord("or"))
            left = new OrFilter(left, And());
        return left;
    }

    private Filter And()
    {
        var left = Unary();
        while (TakeWord("and"))
            left = new AndFilter(left, Unary());
        return left;
    }

    private Filter Unary()
    {
        if (++_depth > MaxDepth)
            throw new FilterException($"It is nested more than {MaxDepth} deep.");
        var filter = TakeWord("not") ? new NotFilter(Unary())
            : _token.Kind == FilterTokenKind.Open ? Parenthesised()
            : Comparison();
        _depth--;
        return filter;
    }

    private Filter Parenthesised()
    {
        Take(FilterTokenKind.Open, "'('");
        var inner = Or();
        Take(FilterTokenKind.Close, "')'");
        return inner;
    }

    private Filter Comparison()
    {
        if (++_comparisons > TableLimits.MaxFilterComparisons)
            throw new FilterException($"It has more than {TableLimits.MaxFilterComparisons} comparisons.");
        var property = Take(FilterTokenKind.Word, "a property's name");
        if (_token.Kind == FilterTokenKind.Open)
            throw new FilterException($"The function '{property.Text}' at {property.Position} is not supported: filters have no functions.");
        var word = Take(FilterTokenKind.Word, "eq, ne, gt, ge, lt or le");
        var comparison = ComparisonOperators.Parse(word.Text)
            ?? throw new FilterException($"'{word.Text}' at {word.Position} is none of eq, ne, gt, ge, lt and le.");
        var constant = Take(FilterTokenKind.Constant, "a constant").Value!;
        return (property.Text, constant) switch
        {
            (nameof(ITableEntity.PartitionKey), string text) => new KeyComparison(isRowKey: false, comparison, text),
            (nameof(ITableEntity.RowKey), string text) => new KeyComparison(isRowKey: true, comparison, text),
            (nameof(ITableEntity.Timestamp), DateTime time) => new TimestampComparison(comparison, time),
            (nameof(ITableEntity.PartitionKey) or nameof(ITableEntity.RowKey) or nameof(ITableEntity.Timestamp), _) => new NeverFilter(),
            _ => new PropertyComparison(property.Text, comparison, constant),
        };
    }

    private bool TakeWord(string word)
    {
        if (_token.Kind != FilterTokenKind.Word || _token.Text != word)
            return false;
        _token = _lexer.Next();
        return true;
    }

    private FilterToken Take(FilterTokenKind kind, string what)
    {
        var token = _token;
        if (token.Kind != kind)
            throw new FilterException($"'{token.Text}' at {token.Position} is not {what}.");
        _token = _lexer.Next();
        return token;
    }
}
