using Serverless.Local.Tables.Storage;

namespace Serverless.Local.Tables.Filters;

/// <summary>Compares PartitionKey or RowKey with a text, in the keys' own order.</summary>
internal sealed class KeyComparison(bool isRowKey, ComparisonOperator comparison, string text) : Filter
{
    private readonly byte[] _encoded = KeyCodec.EncodePart(text);

    public bool IsRowKey => isRowKey;

    public ComparisonOperator Operator => comparison;

    public string Text => text;

    public override bool Matches(in FilteredRow row)
    {
        var part = isRowKey ? KeyCodec.RowKeyOf(row.Key) : KeyCodec.PartitionKeyOf(row.Key);
        return comparison.Holds(part.SequenceCompareTo(_encoded));
    }
}
