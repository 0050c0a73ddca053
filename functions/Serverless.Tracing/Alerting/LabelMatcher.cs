using System.Text.RegularExpressions;

namespace Serverless.Tracing.Alerting;

/// <summary>A condition on one label, as in Prometheus: <c>=</c>, <c>!=</c>, <c>=~</c>, <c>!~</c>. A label that is absent is empty.</summary>
public sealed class LabelMatcher
{
    /// <summary>The longest expression that is taken.</summary>
    public const int MaxPatternLength = 500;

    private readonly Regex? _pattern;

    /// <summary>Makes a matcher.</summary>
    /// <param name="name">The label.</param>
    /// <param name="value">Its value, or an expression that has to match all of it.</param>
    /// <param name="isEqual">False where the label must not match.</param>
    /// <param name="isRegex">Whether the value is an expression.</param>
    /// <exception cref="ArgumentException">The expression is malformed or too long.</exception>
    public LabelMatcher(string name, string value, bool isEqual = true, bool isRegex = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        Name = name;
        Value = value;
        IsEqual = isEqual;
        IsRegex = isRegex;
        if (!isRegex)
            return;
        if (value.Length > MaxPatternLength)
            throw new ArgumentException($"The expression for '{name}' has {value.Length} characters; at most {MaxPatternLength} are taken.", nameof(value));
        try
        {
            // Without backtracking: an expression cannot take long, whatever it is.
            _pattern = new Regex($"^(?:{value})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ArgumentException($"The expression '{value}' for '{name}' cannot be used: {e.Message}", nameof(value), e);
        }
    }

    /// <summary>The label.</summary>
    public string Name { get; }

    /// <summary>Its value or expression.</summary>
    public string Value { get; }

    /// <summary>False where the label must not match.</summary>
    public bool IsEqual { get; }

    /// <summary>Whether the value is an expression.</summary>
    public bool IsRegex { get; }

    /// <summary>Whether labels meet the condition.</summary>
    public bool Matches(LabelSet labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var value = labels[Name];
        return IsEqual == (_pattern?.IsMatch(value) ?? string.Equals(Value, value, StringComparison.Ordinal));
    }

    /// <summary>As Prometheus writes it.</summary>
    public override string ToString() => $"{Name}{(IsEqual ? IsRegex ? "=~" : "=" : IsRegex ? "!~" : "!=")}\"{Value}\"";
}
