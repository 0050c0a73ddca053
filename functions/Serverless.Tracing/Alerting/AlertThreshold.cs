using System.Globalization;

namespace Serverless.Tracing.Alerting;

/// <summary>A comparison of a value with a number.</summary>
/// <param name="Operator">How.</param>
/// <param name="Value">With what.</param>
public sealed record AlertThreshold(ComparisonOperator Operator, double Value)
{
    private static readonly string[] Signs = [">", ">=", "<", "<=", "==", "!="];

    /// <summary>The operators as rules write them.</summary>
    public static IReadOnlyList<string> Operators => Signs;

    /// <summary>The operator that a text means, or null.</summary>
    public static ComparisonOperator? Parse(string text) => Array.IndexOf(Signs, text) is >= 0 and var index ? (ComparisonOperator)index : null;

    /// <summary>Whether a value meets it; what is no number never does.</summary>
    public bool IsMetBy(double value) => !double.IsNaN(value) && Operator switch
    {
        ComparisonOperator.Greater => value > Value,
        ComparisonOperator.GreaterOrEqual => value >= Value,
        ComparisonOperator.Less => value < Value,
        ComparisonOperator.LessOrEqual => value <= Value,
        ComparisonOperator.Equal => value.Equals(Value),
        _ => !value.Equals(Value),
    };

    /// <summary>As rules write it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Signs[(int)Operator]} {Value}");
}
