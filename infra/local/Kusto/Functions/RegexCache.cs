using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Serverless.Local.Kusto;

/// <summary>
/// Compiled patterns. Patterns run in linear time, without look-around and back-references, which the service refuses too.
/// </summary>
internal static class RegexCache
{
    /// <summary>More patterns than that are forgotten all at once; a query has few.</summary>
    private const int MaxPatterns = 500;

    private const int MaxPatternLength = 10_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private static readonly ConcurrentDictionary<(string Pattern, RegexOptions Options), Regex> Patterns = new();

    /// <exception cref="KustoException">The pattern is none, or is one that needs backtracking.</exception>
    public static Regex Get(string pattern, RegexOptions options = RegexOptions.None)
    {
        options |= RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        if (Patterns.TryGetValue((pattern, options), out var known))
            return known;
        if (pattern.Length > MaxPatternLength)
            throw KustoException.Execution($"A regular expression has {pattern.Length} characters; at most {MaxPatternLength} are allowed");
        try
        {
            var regex = new Regex(pattern, options, Timeout);
            if (Patterns.Count >= MaxPatterns)
                Patterns.Clear();
            Patterns[(pattern, options)] = regex;
            return regex;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw KustoException.Execution($"The regular expression '{pattern}' cannot be used: {exception.Message}");
        }
    }

    public static bool Matches(string text, string pattern) => Run(() => Get(pattern).IsMatch(text), pattern);

    /// <summary>Runs a match; one that takes too long is the query's error.</summary>
    public static T Run<T>(Func<T> match, string pattern)
    {
        try
        {
            return match();
        }
        catch (RegexMatchTimeoutException)
        {
            throw KustoException.Execution($"The regular expression '{pattern}' took longer than {Timeout.TotalSeconds} s");
        }
    }
}
