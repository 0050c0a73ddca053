namespace Serverless.Local.Kusto;

/// <summary>The operators over strings. A term is a run of letters and digits.</summary>
internal static class StringOperators
{
    /// <summary>The expression; null where there is no such operator for the types.</summary>
    public static BoundExpression? Bind(string op, BoundExpression left, BoundExpression right)
    {
        if (!IsText(left.Type) || !IsText(right.Type))
            return null;
        var (l, r) = (ConvertExpression.To(left, KustoType.String), ConvertExpression.To(right, KustoType.String));
        if (op == "matches regex")
        {
            return new FunctionExpression(
                KustoType.Bool,
                (a, n, _) => Kernels.Map<string, string, bool>(KustoType.Bool, a[0], a[1], n, (text, pattern) => RegexCache.Matches(text, pattern)),
                true,
                false,
                l,
                r);
        }
        var negated = op[0] == '!';
        var test = Test(negated ? op[1..] : op);
        return test is null ? null : new FunctionExpression(
            KustoType.Bool,
            (a, n, _) => Kernels.Map<string, string, bool>(KustoType.Bool, a[0], a[1], n, negated ? (x, y) => !test(x, y) : test),
            true,
            false,
            l,
            r);
    }

    /// <summary>The test of an operator that is not negated.</summary>
    public static Func<string, string, bool>? Test(string op) => op switch
    {
        "=~" or "~" => (text, other) => text.Equals(other, StringComparison.OrdinalIgnoreCase),
        "has" => (text, term) => Has(text, term, StringComparison.OrdinalIgnoreCase, true, true),
        "has_cs" => (text, term) => Has(text, term, StringComparison.Ordinal, true, true),
        "hasprefix" => (text, term) => Has(text, term, StringComparison.OrdinalIgnoreCase, true, false),
        "hasprefix_cs" => (text, term) => Has(text, term, StringComparison.Ordinal, true, false),
        "hassuffix" => (text, term) => Has(text, term, StringComparison.OrdinalIgnoreCase, false, true),
        "hassuffix_cs" => (text, term) => Has(text, term, StringComparison.Ordinal, false, true),
        "contains" => (text, part) => text.Contains(part, StringComparison.OrdinalIgnoreCase),
        "contains_cs" => (text, part) => text.Contains(part, StringComparison.Ordinal),
        "startswith" => (text, part) => text.StartsWith(part, StringComparison.OrdinalIgnoreCase),
        "startswith_cs" => (text, part) => text.StartsWith(part, StringComparison.Ordinal),
        "endswith" => (text, part) => text.EndsWith(part, StringComparison.OrdinalIgnoreCase),
        "endswith_cs" => (text, part) => text.EndsWith(part, StringComparison.Ordinal),
        _ => null,
    };

    public static bool Has(string text, string term) => Has(text, term, StringComparison.OrdinalIgnoreCase, true, true);

    private static bool IsText(KustoType type) => type is KustoType.String or KustoType.Dynamic;

    /// <summary>Whether the term is there between two ends of terms.</summary>
    private static bool Has(string text, string term, StringComparison comparison, bool fromStart, bool toEnd)
    {
        if (term.Length == 0)
            return true;
        for (var at = text.IndexOf(term, comparison); at >= 0; at = at + 1 < text.Length ? text.IndexOf(term, at + 1, comparison) : -1)
        {
            var end = at + term.Length;
            var starts = !fromStart || at == 0 || !char.IsLetterOrDigit(text[at - 1]) || !char.IsLetterOrDigit(term[0]);
            var ends = !toEnd || end == text.Length || !char.IsLetterOrDigit(text[end]) || !char.IsLetterOrDigit(term[^1]);
            if (starts && ends)
                return true;
        }
        return false;
    }
}
