using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>Compares the values of a key with an operand, by the operand's type.</summary>
/// <remarks>
/// A number compares with numbers, and with texts that are a number as numbers are printed; a boolean with booleans and the texts
/// <c>true</c> and <c>false</c>; a text with texts, by code unit, and for equality also with bytes (as base64), lists and maps (as JSON).
/// What cannot be compared is neither equal, less nor greater.
/// </remarks>
/// <param name="Operator">How.</param>
/// <param name="Operand">With what: a number, boolean or text; unused for existence.</param>
public sealed record TagComparison(TagOperator Operator, AttributeValue Operand)
{
    /// <summary>True for a comparison that some value must satisfy; false for one that denies something of every value.</summary>
    public bool IsPositive => Operator is not (TagOperator.NotEqual or TagOperator.NotExists);

    /// <summary>
    /// Whether one value satisfies it; for <see cref="TagOperator.NotEqual"/> and <see cref="TagOperator.NotExists"/>, whether one value is what is denied.
    /// </summary>
    internal bool HoldsFor(in AttributeValue value)
    {
        if (Operator is TagOperator.Exists or TagOperator.NotExists)
            return true;
        var order = Order(value);
        return Operator switch
        {
            TagOperator.Less => order < 0,
            TagOperator.LessOrEqual => order <= 0,
            TagOperator.Greater => order > 0,
            TagOperator.GreaterOrEqual => order >= 0,
            _ => order == 0,
        };
    }

    /// <summary>The texts of all values that may equal the operand.</summary>
    internal IEnumerable<string> EqualTexts() =>
        Operand.Type is AttributeType.Int64 or AttributeType.Double ? TagNumber.TextsOf(Operand) : [Operand.ToString()];

    private int? Order(in AttributeValue value) => Operand.Type switch
    {
        AttributeType.Int64 or AttributeType.Double =>
            value.Type == AttributeType.String ? TagNumber.TryRead(value.Text, out var number) ? TagNumber.Compare(number, Operand) : null
            : TagNumber.Compare(value, Operand),
        AttributeType.True or AttributeType.False =>
            value.IsBoolean || value.Type == AttributeType.String ? SameText(value) : null,
        AttributeType.String when value.Type == AttributeType.String => string.CompareOrdinal(value.Text, Operand.Text),
        AttributeType.String when value.Type is AttributeType.Bytes or AttributeType.Array or AttributeType.Map => SameText(value),
        _ => null,
    };

    private int? SameText(in AttributeValue value) => value.ToString() == Operand.ToString() ? 0 : null;
}
