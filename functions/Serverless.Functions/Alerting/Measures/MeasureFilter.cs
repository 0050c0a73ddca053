namespace Serverless.Functions.Alerting.Measures;

/// <summary>A condition on a label of a measure.</summary>
/// <param name="Label">The label.</param>
/// <param name="Values">Its values.</param>
/// <param name="IsExcluded">True where it must be none of them; false where it must be one.</param>
public sealed record MeasureFilter(string Label, IReadOnlyList<string> Values, bool IsExcluded)
{
    /// <summary>Whether a value of the label meets it.</summary>
    public bool Takes(string value) => Values.Contains(value, StringComparer.Ordinal) != IsExcluded;
}
